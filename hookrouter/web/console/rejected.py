"""Rejected leads: what could not be routed, to be looked at, mended and sent on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from flask import Response

from hookrouter.domain.audit import Act
from hookrouter.domain.lead import Json, lead_key
from hookrouter.domain.rejection import Rejection
from hookrouter.runtime.workshop import Workshop
from hookrouter.usecases.explaining.explain import Explanation
from hookrouter.usecases.explaining.playground import Given
from hookrouter.usecases.rejected import Step, Tried
from hookrouter.web.console.asked import Asked
from hookrouter.web.console.bulk import PAGE, Bulk
from hookrouter.web.console.mending import ROOM_FOR, mendable, read_changes
from hookrouter.web.console.shell import Console
from hookrouter.web.discreet import Discreet


def add_rejected(console: Console) -> None:
    """Add the pages of the rejected leads, and what is done with them."""

    @console.page("rejected")
    def rejections() -> Response:
        asked = Asked.of_request(console)
        page = console.desk.rejected().list(asked.rejections, limit=PAGE, after=asked.after)
        return console.show("rejected.html", asked=asked, page=page)

    @console.page("rejected/<name>", unmaskable=True)
    def rejection(name: str) -> Response:
        return _one(console, name, {})

    @console.change("rejected/<name>/mend")
    def mend(name: str) -> Response:
        return _mend(console, name)

    Bulk(
        console=console,
        path="rejected",
        things="rejected leads",
        acts={"replay": Act.REPLAY_REJECTED, "drop": Act.DROP_REJECTED},
        chosen=partial(_tend, console),
        some=partial(_tend_some, console),
    ).offer()


def _tend(console: Console, act: str, ids: Sequence[str]) -> Tried:
    tend = console.desk.rejected()
    return tend.replay_all(ids) if act == "replay" else tend.drop(ids)


def _tend_some(console: Console, act: str, asked: Asked, after: str | None) -> Step:
    tend = console.desk.rejected()
    return (tend.replay_some if act == "replay" else tend.drop_some)(asked.rejections, after=after)


def _one(console: Console, name: str, changes: Mapping[str, Json]) -> Response:
    tend = console.desk.rejected()
    kept = tend.show(name)
    mended, known = tend.mended(kept, changes), _known(console, kept, changes)
    faults, telling = tend.faults(mended), _telling(console, kept)
    return console.show(
        "rejection.html",
        kept=kept,
        fields=list(mendable(_fields(kept), changes, telling)),
        changes=changes,
        faults=faults,
        explained=[] if faults else _explained(console, kept, mended, known),
        telling=replace(telling, lead={**_fields(kept), **changes}, previous=known or {}),
        room=range(ROOM_FOR),
    )


def _mend(console: Console, name: str) -> Response:
    """Show what is still wrong with a mended lead, or send it on."""
    console.open_as_before()
    given, tend = console.form(), console.desk.rejected()
    kept = tend.show(name)
    changes = read_changes(given, _fields(kept), _telling(console, kept))
    if given.get("do") != "send" or tend.faults(tend.mended(kept, changes)):
        return _one(console, name, changes)
    with console.audit.deed(console.operator, Act.REPLAY_REJECTED, name) as result:
        receipt = tend.replay(name, changes)
        result.say(f"push {receipt.push}" + (f", set anew: {', '.join(changes)}" if changes else ""))
    return console.back_to("rejected", f"{name} goes on as push {receipt.push}")


def _known(console: Console, kept: Rejection, changes: Mapping[str, Json]) -> dict[str, Json] | None:
    """The lead as it was last seen, if it says by now who it is."""
    key = lead_key({**_fields(kept), **changes})
    snapshot = None if key is None else console.desk.recall().memory.last(kept.source, key)
    return None if snapshot is None else dict(snapshot.fields)


def _explained(console: Console, kept: Rejection, lead: Json, known: dict[str, Json] | None) -> Sequence[Explanation]:
    """What would become of the lead by the rules of now; nothing where its source is no more."""
    if kept.source not in console.runtime.config.receiver.sources:
        return []
    return (
        Workshop(console.runtime)
        .playground()
        .given(Given(leads=[lead], previous=known, source=kept.source))
        .explanations
    )


def _telling(console: Console, kept: Rejection) -> Discreet:
    return Discreet(shown=console.masked(), lead=_fields(kept))


def _fields(kept: Rejection) -> Mapping[str, Json]:
    return kept.lead if isinstance(kept.lead, dict) else {}
