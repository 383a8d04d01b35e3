"""`hookrouter explain`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

import click

from hookrouter.cli.command import Command
from hookrouter.cli.explained import show_explanation, show_rejected
from hookrouter.cli.lead_files import Event, history_of, read_history, read_leads
from hookrouter.cli.lists import say_more
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import show_json
from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import LeadKey, PushId, SourceName
from hookrouter.domain.lead import Fields
from hookrouter.domain.push import Batch
from hookrouter.runtime import Runtime
from hookrouter.usecases.explaining.explain import Explanation

FILE = click.File("rb")


def read_moment(text: str) -> datetime:
    """Read a moment as ISO 8601 writes it; without a zone it is in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("give a time such as 2026-11-18T12:00:00-05:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be explained."""

    leads: Batch
    known: dict[LeadKey, Fields]
    events: list[Event] | None
    source: SourceName
    at: datetime


@click.command("explain", cls=Command)
@click.option(
    "--lead", "lead_file", type=FILE, required=True, metavar="FILE", help="Leads, as a push would bring them."
)
@click.option("--previous", type=FILE, metavar="FILE", help="The same leads as last seen.")
@click.option("--timeline", type=FILE, metavar="FILE", help="Their history, as getLeadTimeline gives it.")
@click.option("--at", type=read_moment, metavar="TIME", help="The moment of the push; now, if not said.")
@click.option("--source", metavar="NAME", help="Which source they come from; the first, if not said.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0917 - click gives them by name
    lead_file: IO[bytes],
    previous: IO[bytes] | None,
    timeline: IO[bytes] | None,
    at: datetime | None,
    source: str | None,
    as_json: bool,  # noqa: FBT001 - a flag of the command line
) -> None:
    """Show which routes leads would take, why not the others, and what each sink would be sent. Sends nothing.

    It judges as the running router does. Without --previous a lead is one never seen before. Needs neither Redis nor
    the CRM. FILE may be - for standard input.
    """
    runtime = open_cli()
    reader, moment = runtime.push_reader, at or runtime.clock.now()
    question = Question(
        leads=read_leads(lead_file, reader, moment),
        known={} if previous is None else _known(read_leads(previous, reader, moment)),
        events=None if timeline is None else reader.times.of_events(read_history(timeline), moment),
        source=_source(runtime, source),
        at=moment,
    )
    explanations = list(_explain_all(runtime, question))
    if as_json:
        show_json(_values(question, explanations))
        return
    for explanation in explanations:
        show_explanation(explanation)
    show_rejected(question.leads.rejected)
    say_more(len(explanations) + len(question.leads.rejected), "leads in the file", more=False)


def _known(leads: Batch) -> dict[LeadKey, Fields]:
    return {lead.key: lead.fields for _, lead in leads.accepted}


def _source(runtime: Runtime, name: str | None) -> SourceName:
    sources = runtime.config.receiver.sources
    chosen = next(iter(sources)) if name is None else SourceName(name)
    if chosen not in sources:
        raise ConfigurationError(f"there is no source {chosen}; the configuration has {', '.join(sorted(sources))}")
    return chosen


def _explain_all(runtime: Runtime, question: Question) -> Iterator[Explanation]:
    """Judge the leads in their order: one that comes twice is compared with its first coming."""
    explain = runtime.explain()
    for place, lead in question.leads.accepted:
        snapshot = question.known.get(lead.key)
        occasion = Occasion(push=PushId("p_explained"), source=question.source, place=place, received_at=question.at)
        events = None if question.events is None else history_of(lead.key, question.events)
        yield explain.lead(lead, snapshot, occasion, events)
        change = compare(lead, snapshot)
        if change.event is not LeadEvent.STALE:
            question.known[lead.key] = change.received


def _values(question: Question, explanations: list[Explanation]) -> dict[str, object]:
    rejected = [{"place": each.place, "errors": dict(each.errors)} for each in question.leads.rejected]
    values: dict[str, object] = {"leads": [explanation.as_json() for explanation in explanations]}
    return values | ({"rejected": rejected} if rejected else {})
