"""Dead letters, as the operator API shows, mends, replays and drops them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import NotFound
from hookrouter.domain.lead import Json
from hookrouter.domain.operator import Role
from hookrouter.ports.desk import Wanted
from hookrouter.runtime.workshop import Workshop
from hookrouter.usecases.dead_letters import Step, Tended
from hookrouter.web.api.calls import Asked, Call
from hookrouter.web.api.many import GO_ON, WITHIN, tend_many
from hookrouter.wire.api.questions import UnmaskQuery
from hookrouter.wire.api.set_aside import (
    DeadBody,
    DeadPage,
    DeadQuery,
    PreviewSchema,
    RepairBody,
    TendedSchema,
    WholeDeadLetterSchema,
)

AT_ONCE = 10_000.0
"""Letters a second, where they are named one by one: they are few."""


def list_dead(asked: Asked) -> dict[str, Any]:
    """The dead letters that are wanted."""
    query = asked.query
    return asked.page(asked.desk.dead_letters().list(asked.wanted, limit=query["limit"], after=query.get("after")))


def show_dead(asked: Asked, letter: str) -> dict[str, Any]:
    """One dead letter."""
    found = asked.desk.dead_letters().show(letter)
    delivery, whole = found.delivery, found.whole()
    members = cast("list[dict[str, Json]]", whole.pop("members"))
    told = [asked.told(member, of.lead, of.previous) for member, of in zip(members, delivery.members, strict=True)]
    return {**asked.told(whole, delivery.lead, delivery.previous), "members": told}


def preview_dead(asked: Asked, letter: str) -> dict[str, Any]:
    """What would be sent of a dead letter, mended."""
    rendered = Workshop(asked.runtime).repair().preview(letter, asked.body["changes"])
    delivery = asked.desk.dead_letters().show(letter).delivery
    return {
        "content": asked.discreet(rendered.content, delivery.lead, delivery.previous),
        "fault": asked.discreet(rendered.fault, delivery.lead, delivery.previous),
    }


def replay_dead(asked: Asked, letter: str) -> dict[str, Any]:
    """Try a dead letter again, mended if need be."""
    changes = asked.body["changes"]
    what = f"{letter}: {', '.join(sorted(changes))}" if changes else letter
    with asked.deed(Act.REPAIR_DEAD if changes else Act.REPLAY_DEAD, what):
        if not Workshop(asked.runtime).repair().replay(letter, changes):
            raise NotFound(f"there is no dead letter {letter} any more")
    return _stepped(_all_done(Tended(done=[letter])))


def drop_dead(asked: Asked, letter: str) -> dict[str, Any]:
    """Forget a dead letter."""
    with asked.deed(Act.DROP_DEAD, letter) as result:
        tended = asked.desk.dead_letters().drop([letter])
        result.say("dropped" if tended.done else "it was gone before")
    return _stepped(_all_done(tended))


def replay_many_dead(asked: Asked) -> dict[str, Any]:
    """Try many dead letters again."""
    letters = asked.desk.dead_letters()
    step = tend_many(
        asked,
        Act.REPLAY_DEAD,
        "replayed",
        named=lambda ids: _all_done(letters.replay(ids, asked.desk.pace(AT_ONCE))),
        some=lambda after: letters.replay_some(_dead_by_now(asked), after=after),
    )
    return _stepped(step)


def drop_many_dead(asked: Asked) -> dict[str, Any]:
    """Forget many dead letters."""
    letters = asked.desk.dead_letters()
    step = tend_many(
        asked,
        Act.DROP_DEAD,
        "dropped",
        named=lambda ids: _all_done(letters.drop(ids)),
        some=lambda after: letters.drop_some(_dead_by_now(asked), after=after),
    )
    return _stepped(step)


def _dead_by_now(asked: Asked) -> Wanted:
    """What is wanted and dead by now: whatever dies once more meanwhile is not met again."""
    wanted = asked.wanted
    return replace(wanted, until=wanted.until or asked.now)


def _all_done(tended: Tended) -> Step:
    return Step(tended=tended, end=None, left=0)


def _stepped(step: Step) -> dict[str, Any]:
    tended = step.tended
    return {
        "done": tended.done,
        "gone": tended.gone,
        "no_such_sink": tended.homeless,
        "next": step.end,
        "left": step.left,
    }


ONCE = "To ask twice does it once: a letter is either dead or in its outbox."

CALLS = (
    Call(method="GET", path="/dead", does=list_dead, query=DeadQuery, answer=DeadPage, about="List dead letters."),
    Call(
        method="POST",
        path="/dead/replay",
        does=replay_many_dead,
        role=Role.OPERATE,
        body=DeadBody,
        answer=TendedSchema,
        about="Try many dead letters again, the oldest first.",
        notes=f"Some a call: {GO_ON} {ONCE}",
        within=WITHIN,
    ),
    Call(
        method="POST",
        path="/dead/drop",
        does=drop_many_dead,
        role=Role.OPERATE,
        body=DeadBody,
        answer=TendedSchema,
        about="Forget many dead letters for good.",
        notes=f"Some a call: {GO_ON}",
        within=WITHIN,
    ),
    Call(
        method="GET",
        path="/dead/<letter>",
        does=show_dead,
        query=UnmaskQuery,
        answer=WholeDeadLetterSchema,
        about="Show one dead letter with its lead and every attempt.",
        refusals=(404,),
    ),
    Call(
        method="POST",
        path="/dead/<letter>/preview",
        does=preview_dead,
        query=UnmaskQuery,
        body=RepairBody,
        answer=PreviewSchema,
        about="Show what a dead letter would say by the current rules, with some fields of its lead changed.",
        refusals=(404, 409),
    ),
    Call(
        method="POST",
        path="/dead/<letter>/replay",
        does=replay_dead,
        role=Role.OPERATE,
        body=RepairBody,
        answer=TendedSchema,
        about="Try a dead letter again under the same id, with some fields of its lead changed if need be.",
        notes=f"The CRM's lead stays as it is. {ONCE} The second answer is 404.",
        refusals=(404, 409),
    ),
    Call(
        method="DELETE",
        path="/dead/<letter>",
        does=drop_dead,
        role=Role.OPERATE,
        answer=TendedSchema,
        about="Forget a dead letter for good.",
        notes="One that is gone already stands under `gone`.",
    ),
)
