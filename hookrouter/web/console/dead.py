"""Dead letters: deliveries that were given up, to be looked at, mended and sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from flask import Response

from hookrouter.domain.audit import Act
from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.dying import advice_on
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Reason
from hookrouter.domain.reasons import means
from hookrouter.runtime.workshop import Workshop
from hookrouter.usecases.dead_letters import Step, Tended
from hookrouter.web.console.asked import Asked
from hookrouter.web.console.bulk import PAGE, Bulk
from hookrouter.web.console.mending import ROOM_FOR, mendable, read_changes
from hookrouter.web.console.shell import Console
from hookrouter.web.discreet import Discreet

REASONS = tuple(sorted(reason.value for reason in Reason))
AT_ONCE = 10_000.0
"""Letters a second, of those that were chosen by hand."""


def add_dead(console: Console) -> None:
    """Add the pages of the dead letters, and what is done with them."""

    @console.page("dead")
    def letters() -> Response:
        asked = Asked.of_request(console)
        page = console.desk.dead_letters().list(asked.wanted, limit=PAGE, after=asked.after)
        return console.show("dead.html", asked=asked, page=page, says=_says, reasons=REASONS)

    @console.page("dead/<name>", unmaskable=True)
    def letter(name: str) -> Response:
        return _one(console, name, {})

    @console.change("dead/<name>/mend")
    def mend(name: str) -> Response:
        return _mend(console, name)

    Bulk(
        console=console,
        path="dead",
        things="dead letters",
        acts={"replay": Act.REPLAY_DEAD, "drop": Act.DROP_DEAD},
        chosen=partial(_tend, console),
        some=partial(_tend_some, console),
    ).offer()


def _says(reason: str) -> str:
    return means(reason).says


def _tend(console: Console, act: str, ids: Sequence[str]) -> Tended:
    tend = console.desk.dead_letters()
    return tend.replay(ids, console.desk.pace(AT_ONCE)) if act == "replay" else tend.drop(ids)


def _tend_some(console: Console, act: str, asked: Asked, after: str | None) -> Step:
    tend = console.desk.dead_letters()
    return (tend.replay_some if act == "replay" else tend.drop_some)(asked.wanted, after=after)


def _one(console: Console, name: str, changes: Mapping[str, Json]) -> Response:
    found = console.desk.dead_letters().show(name)
    delivery, telling = found.delivery, _telling(console, found)
    rendered = Workshop(console.runtime).repair().preview(name, changes)
    return console.show(
        "letter.html",
        letter=found,
        says=means(found.reason).says,
        advice=advice_on(found.reason),
        rendered=rendered,
        telling=telling,
        fields=list(mendable(delivery.lead, changes, telling)),
        changes=changes,
        room=range(ROOM_FOR),
    )


def _telling(console: Console, found: DeadLetter) -> Discreet:
    return Discreet(shown=console.masked(), lead=found.delivery.lead, previous=found.delivery.previous)


def _mend(console: Console, name: str) -> Response:
    """Show what would be sent of a mended lead, or have that sent."""
    console.open_as_before()
    given, found = console.form(), console.desk.dead_letters().show(name)
    changes = read_changes(given, found.delivery.lead, _telling(console, found))
    if given.get("do") != "send":
        return _one(console, name, changes)
    act = Act.REPAIR_DEAD if changes else Act.REPLAY_DEAD
    with console.audit.deed(console.operator, act, name) as result:
        is_done = Workshop(console.runtime).repair().replay(name, changes)
        told = "replayed" if is_done else "gone before it could be replayed"
        result.say(f"{told}, set anew: {', '.join(changes)}" if changes else told)
    return console.back_to("dead", f"{name} {told}")
