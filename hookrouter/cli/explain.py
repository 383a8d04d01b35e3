"""`hookrouter explain`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from hookrouter.cli.command import Command
from hookrouter.cli.explain_diff import Asked, explain_difference
from hookrouter.cli.explained import show_explanation, show_rejected
from hookrouter.cli.lead_files import Event, is_stored, open_leads, read_history, read_leads
from hookrouter.cli.lists import MOST, say_more
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import show_json
from hookrouter.domain.errors import ConfigurationError, NotFound
from hookrouter.domain.ids import SourceName
from hookrouter.domain.push import Batch
from hookrouter.runtime import Runtime
from hookrouter.runtime.workshop import Workshop
from hookrouter.usecases.explaining.explain import Explanation
from hookrouter.usecases.explaining.playground import Playground
from hookrouter.usecases.explaining.recall import Recalled
from hookrouter.wire.config.route_test_schema import YEARS

FILE = click.File("rb")
OLD = click.Path(exists=True, dir_okay=False, path_type=Path)


def read_moment(text: str) -> datetime:
    """Read a moment as ISO 8601 writes it; without a zone it is in UTC."""
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        in_utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if in_utc.year in YEARS:
            return in_utc
    raise click.BadParameter("give a time such as 2026-11-18T12:00:00-05:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked beside the leads."""

    lead: str | None
    push: str | None
    previous: IO[bytes] | None
    events: list[Event] | None
    at: datetime | None
    source: str | None

    @property
    def is_stored(self) -> bool:
        """Whether it asks for what is stored, and not for a file."""
        return self.push is not None or (self.lead is not None and is_stored(self.lead))


NOTHING = Question(lead=None, push=None, previous=None, events=None, at=None, source=None)


@click.command("explain", cls=Command)
@click.option("--lead", metavar="FILE|ID", help="Leads as a push brings them, or one that is stored.")
@click.option("--push", metavar="ID", help="The leads of a stored push; with --lead ID, one of them.")
@click.option("--previous", type=FILE, metavar="FILE", help="The same leads as last seen.")
@click.option("--timeline", type=FILE, metavar="FILE", help="Their history, as getLeadTimeline gives it.")
@click.option(
    "--at", type=read_moment, metavar="TIME", help="The moment of the push; by default now, or when a stored push came."
)
@click.option("--source", metavar="NAME", help="Which source they come from; by default the first.")
@click.option(
    "--diff", "old", type=OLD, metavar="OLD", help="What changes for the newest pushes against this older file."
)
@click.option("--last", type=click.IntRange(1, MOST), metavar="N", help="For --diff: how many pushes; by default 100.")
@click.option(
    "--limit", type=click.IntRange(1, MOST), metavar="N", help="For --diff: show at most this many; by default 50."
)
@click.option("--reveal", is_flag=True, help="For --diff: show e-mail addresses and telephone numbers as they are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, timeline: IO[bytes] | None, as_json: bool, **asked: Any) -> None:
    """Show which routes leads would take, why not the others, and what each sink would be sent. Sends nothing.

    It judges as the running router does. Without --previous, a lead from a FILE counts as never seen before; that needs
    neither Redis nor the CRM, and FILE may be - for standard input. A stored lead is judged by the current rules, as it
    was at the moment of its push, and against what was known of it before.
    """
    difference = {name: asked.pop(name) for name in ("old", "last", "limit", "reveal")}
    question = Question(events=None if timeline is None else read_history(timeline), **asked)
    runtime = open_cli()
    if any(difference.values()):
        explain_difference(runtime, _difference(question, **difference), as_json=as_json)
    elif question.is_stored:
        _explain_stored(runtime, question, as_json=as_json)
    elif question.lead is None:
        raise click.UsageError("say whom: --lead FILE, --lead ID or --push ID")
    else:
        _explain_file(runtime, question, question.lead, as_json=as_json)


def _difference(question: Question, *, old: Path | None, last: int | None, limit: int | None, reveal: bool) -> Asked:
    if old is None:
        raise click.UsageError("--last, --limit and --reveal belong to --diff")
    if question != NOTHING:
        raise click.UsageError("--diff looks at the newest pushes: say nothing but --last, --limit, --reveal, --json")
    return Asked(old=old, last=last or 100, limit=limit or 50, reveal=reveal)


def _explain_file(runtime: Runtime, question: Question, name: str, *, as_json: bool) -> None:
    playground, at = _playground(runtime), question.at or runtime.clock.now()
    source = _source(playground, question.source)
    batch = read_leads(open_leads(name), playground.reader, at)
    previous = None if question.previous is None else read_leads(question.previous, playground.reader, at)
    explanations = playground.judged(batch, previous, source=source, at=at, timeline=question.events)
    if as_json:
        show_json(_values(batch, explanations))
        return
    for explanation in explanations:
        show_explanation(explanation)
    show_rejected(batch.rejected)
    say_more(batch.size, "leads in the file", more=False)


def _explain_stored(runtime: Runtime, question: Question, *, as_json: bool) -> None:
    if question.previous is not None:
        raise click.UsageError("how a stored lead was before is known: --previous belongs to a FILE")
    playground = _playground(runtime)
    source = None if question.source is None else _source(playground, question.source)
    recall = playground.recall()
    found = recall.push(question.push, question.lead) if question.push else recall.last(question.lead or "", source)
    told: list[dict[str, object]] = []
    for each in found:
        explanation = playground.again(each, question.at, question.events)
        if as_json:
            told.append({**explanation.as_json(), **_stored_values(each)})
        else:
            show_explanation(explanation, of=_in_words(each))
    if as_json:
        show_json({"leads": told})


def _playground(runtime: Runtime) -> Playground:
    """As the console has it, but with the secrets that a sink is sent: whoever runs it has the configuration."""
    return replace(Workshop(runtime).playground(), explain=runtime.explain())


def _stored_values(recalled: Recalled) -> dict[str, object]:
    occasion = recalled.occasion
    values: dict[str, object] = {
        "push": occasion.push,
        "source": occasion.source,
        "at": occasion.received_at.isoformat(),
    }
    return values | ({"doubt": recalled.doubt} if recalled.doubt else {})


def _in_words(recalled: Recalled) -> str:
    occasion = recalled.occasion
    doubt = f"; {recalled.doubt}" if recalled.doubt else ""
    return f"pushed by {occasion.source} at {occasion.received_at:%Y-%m-%d %H:%M:%S} UTC in {occasion.push}{doubt}"


def _source(playground: Playground, name: str | None) -> SourceName:
    try:
        return playground.source(name)
    except NotFound as fault:
        raise ConfigurationError(str(fault)) from fault


def _values(batch: Batch, explanations: Iterable[Explanation]) -> dict[str, object]:
    rejected = [{"place": each.place, "errors": dict(each.errors)} for each in batch.rejected]
    values: dict[str, object] = {"leads": [explanation.as_json() for explanation in explanations]}
    return values | ({"rejected": rejected} if rejected else {})
