"""`hookrouter explain --diff`: what a change of the rules would have done to the latest pushes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from hookrouter.cli.audited import note_reveal
from hookrouter.cli.lists import say_more
from hookrouter.cli.opening import mask_of
from hookrouter.cli.screen import screen, show_json, show_line, show_rows
from hookrouter.configuration import read_config
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.lead import Json
from hookrouter.domain.personal import Mask
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.telemetry.observer import NoObserver
from hookrouter.usecases.explaining.differ import Differ, Difference, Place, Tally, Turn
from hookrouter.wire.messages.plain_text import printable

MARKS = {Turn.COMES: ("+ ", "green"), Turn.GOES: ("- ", "red"), Turn.CHANGES: ("~ ", "yellow")}
VERBS = {Turn.COMES: "come", Turn.GOES: "go", Turn.CHANGES: "change", Turn.STAYS: "stay as they are"}
LONGEST_VALUE = 200
"""Characters of a value that changes: a whole message belongs into `explain --push`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be compared, and how it is told.

    Attributes:
        old: the file with the rules of before.
        last: so many pushes, the newest.
        limit: of the differences that are told; all are counted.
        reveal: show what is personal.
    """

    old: Path
    last: int
    limit: int
    reveal: bool


def explain_difference(runtime: Runtime, asked: Asked, *, as_json: bool) -> None:
    """Print which deliveries come, go and change by the rules of now.

    Raises:
        FileFaults: (a ConfigurationError) the old file is no sound configuration.
    """
    before = _runtime_before(runtime, asked.old)
    tally, told = Tally(), list[Difference]()
    for difference in _differences(runtime, Differ(before=before.explain(), after=runtime.explain()), asked, tally):
        if len(told) < asked.limit:
            told.append(difference)
    note_reveal(runtime, "explain --diff", reveal=asked.reveal)
    mask = None if asked.reveal else mask_of(runtime.config)
    if as_json:
        show_json({**tally.as_json(), "differences": [_values(each, mask) for each in told]})
    else:
        _show(tally, told, mask)


def _runtime_before(runtime: Runtime, old: Path) -> Runtime:
    settings = replace(runtime.settings, config_path=old)
    return Runtime(settings=settings, config=read_config(settings), role="cli", observer=NoObserver())


def _differences(runtime: Runtime, differ: Differ, asked: Asked, tally: Tally) -> Iterator[Difference]:
    recall = Desk(runtime).recall()
    with _progress(asked.last) as advance:
        for kept in recall.newest(asked.last):
            if kept.receipt is not None:
                tally.pushes += 1
                with suppress(PushRefused):  # it was taken under other bounds
                    for recalled in recall.leads_of(kept.push):
                        yield from differ.lead(recalled, tally)
            advance()


@contextmanager
def _progress(pushes: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal."""
    console = screen(stderr=True)
    columns = (TextColumn("pushes"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=pushes)
        yield lambda: shown.advance(task)


def _show(tally: Tally, told: list[Difference], mask: Mask | None) -> None:
    console = screen()
    for each in told:
        _show_difference(each, mask)
    if told:
        console.print()
    if tally.turns:
        titles = ["ROUTE", *(turn.value.upper() for turn in Turn)]
        show_rows(titles, [[route, *(turns[turn] for turn in Turn)] for route, turns in sorted(tally.turns.items())])
        console.print()
    counted = ", ".join(f"{tally.count(turn)} {verb}" for turn, verb in VERBS.items())
    console.print(Text(f"{tally.pushes} pushes, {tally.leads} leads; of their deliveries {counted}", "bold"))
    if tally.doubtful:
        text = f"of {tally.doubtful} leads it is not known how they were before: they are judged as never seen"
        show_line("", Text(text, "yellow"))
    differing = tally.count(Turn.COMES) + tally.count(Turn.GOES) + tally.count(Turn.CHANGES)
    if differing > len(told):
        say_more(len(told), "differences", more=True)


def _show_difference(each: Difference, mask: Mask | None) -> None:
    values = _values(each, mask)
    why = f": {values['why']}" if each.why else ""
    told = f"lead {values['lead']} by {each.route} to {each.sink}{why}  {values['push']}"
    show_line("", Text.assemble(MARKS[each.turn], printable(told)))
    for place in each.places:
        change = f"{place.path or 'content'}: {_short(place.before, place, mask)} → {_short(place.after, place, mask)}"
        show_line("    ", Text(printable(change)))


def _values(each: Difference, mask: Mask | None) -> dict[str, Json]:
    occasion, lead = each.recalled.occasion, each.recalled.lead.key
    return {
        "turn": each.turn.value,
        "lead": lead if mask is None else mask.text(lead),
        "route": each.route,
        "sink": each.sink,
        "push": occasion.push,
        "at": occasion.received_at.isoformat(),
        "why": each.why,
        "changes": [
            {
                "path": place.path,
                "before": _shown(place.before, place, mask),
                "after": _shown(place.after, place, mask),
            }
            for place in each.places
        ],
    }


def _shown(value: Json, place: Place, mask: Mask | None) -> Json:
    return value if mask is None else mask.value(value, place.path.rpartition(".")[2])


def _short(value: Json, place: Place, mask: Mask | None) -> str:
    text = orjson.dumps(_shown(value, place, mask)).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
