"""`hookrouter explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from hookrouter.cli.command import Command
from hookrouter.cli.explain_diff import Asked, explain_difference
from hookrouter.cli.explained import show_explanation, show_rejected
from hookrouter.cli.lead_files import Event, history_of, is_stored, open_leads, read_history, read_leads
from hookrouter.cli.lists import MOST, say_more
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import show_json
from hookrouter.desk import Desk
from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import LeadKey, PushId, SourceName
from hookrouter.domain.lead import Fields
from hookrouter.domain.once import NO_MARKS
from hookrouter.domain.push import Batch
from hookrouter.runtime import Runtime
from hookrouter.usecases.explaining.explain import Explanation
from hookrouter.usecases.explaining.recall import Recalled
from hookrouter.usecases.explaining.turns import KnownTurns
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
@click.option("--at", type=read_moment, metavar="TIME", help="The moment of the push; if not said, now or as it was.")
@click.option("--source", metavar="NAME", help="Which source they come from; the first, if not said.")
@click.option(
    "--diff", "old", type=OLD, metavar="OLD", help="What is otherwise for the newest pushes than by this file."
)
@click.option("--last", type=click.IntRange(1, MOST), metavar="N", help="For --diff: so many pushes; 100, if not said.")
@click.option("--limit", type=click.IntRange(1, MOST), metavar="N", help="For --diff: show so many; 50, if not said.")
@click.option("--reveal", is_flag=True, help="For --diff: show e-mail addresses and telephone numbers as they are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, timeline: IO[bytes] | None, as_json: bool, **asked: Any) -> None:
    """Show which routes leads would take, why not the others, and what each sink would be sent. Sends nothing.

    It judges as the running router does. Without --previous a lead of a FILE is one never seen before; that needs
    neither Redis nor the CRM, and FILE may be - for standard input. A stored lead is judged by the rules of now, as it
    was pushed, when it was pushed, and by what was known of it before.
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
    reader, source, at = runtime.push_reader, _source(runtime, question.source), question.at or runtime.clock.now()
    batch = read_leads(open_leads(name), reader, at)
    known = {} if question.previous is None else _known(read_leads(question.previous, reader, at))
    explanations = _explain_all(runtime, question, source, batch, known)
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
    source = None if question.source is None else _source(runtime, question.source)
    desk, explain = Desk(runtime), runtime.explain()
    recall = desk.recall()
    found = recall.push(question.push, question.lead) if question.push else recall.last(question.lead or "", source)
    told: list[dict[str, object]] = []
    for each in found:
        events = _history(runtime, question, each.lead.key, each.occasion.received_at)
        occasion = replace(each.occasion, received_at=question.at or each.occasion.received_at)
        uses_once = explain.table.longest_once is not None
        marks = recall.memory.marks(occasion.source, each.lead.key) if uses_once else NO_MARKS
        turns = desk.turns((occasion.source, each.lead.key))
        explanation = explain.lead(each.lead, each.snapshot, occasion, events, marks, own=each.own, turns=turns)
        if as_json:
            told.append({**explanation.as_json(), **_stored_values(each)})
        else:
            show_explanation(explanation, of=_in_words(each))
    if as_json:
        show_json({"leads": told})


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


def _history(runtime: Runtime, question: Question, lead: LeadKey, at: datetime) -> list[Event] | None:
    """The events of a lead, with their times as the routes read them."""
    if question.events is None:
        return None
    return history_of(lead, runtime.push_reader.times.of_events(question.events, at))


def _known(leads: Batch) -> dict[LeadKey, Fields]:
    return {lead.key: lead.fields for _, lead in leads.accepted}


def _source(runtime: Runtime, name: str | None) -> SourceName:
    sources = runtime.config.receiver.sources
    chosen = next(iter(sources)) if name is None else SourceName(name)
    if chosen not in sources:
        raise ConfigurationError(f"there is no source {chosen}; the configuration has {', '.join(sorted(sources))}")
    return chosen


def _explain_all(
    runtime: Runtime, question: Question, source: SourceName, batch: Batch, known: dict[LeadKey, Fields]
) -> Iterator[Explanation]:
    """Judge the leads in their order: one that comes twice is compared with its first coming."""
    explain, at, turns = runtime.explain(), question.at or runtime.clock.now(), KnownTurns()
    for place, lead in batch.accepted:
        snapshot = known.get(lead.key)
        occasion = Occasion(push=PushId("p_explained"), source=source, place=place, received_at=at)
        events = _history(runtime, question, lead.key, at)
        yield explain.lead(lead, snapshot, occasion, events, turns=turns)
        change = compare(lead, snapshot, now=at)
        if change.event is not LeadEvent.STALE:
            known[lead.key] = change.received


def _values(batch: Batch, explanations: Iterable[Explanation]) -> dict[str, object]:
    rejected = [{"place": each.place, "errors": dict(each.errors)} for each in batch.rejected]
    values: dict[str, object] = {"leads": [explanation.as_json() for explanation in explanations]}
    return values | ({"rejected": rejected} if rejected else {})
