"""Rejected leads, as the operator API shows and replays them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hookrouter.domain.audit import Act
from hookrouter.domain.ids import SourceName
from hookrouter.domain.operator import Role
from hookrouter.ports.desk import WantedRejections
from hookrouter.usecases.rejected import Step, Tried
from hookrouter.web.api.calls import Asked, Call
from hookrouter.web.api.many import GO_ON, WITHIN, tend_many
from hookrouter.web.api.pushes import receipt_values
from hookrouter.wire.api.deliveries import ReceiptSchema
from hookrouter.wire.api.questions import UnmaskQuery, span_of
from hookrouter.wire.api.set_aside import (
    RejectedBody,
    RejectedPage,
    RejectedQuery,
    RepairBody,
    TriedSchema,
    WholeRejectionSchema,
)


def list_rejected(asked: Asked) -> dict[str, Any]:
    """The rejected leads."""
    query = asked.query
    return asked.page(asked.desk.rejected().list(_wanted(asked), limit=query["limit"], after=query.get("after")))


def show_rejected(asked: Asked, lead: str) -> dict[str, Any]:
    """One rejected lead."""
    found = asked.desk.rejected().show(lead)
    return asked.told(found.whole(), found.lead if isinstance(found.lead, dict) else {})


def replay_rejected(asked: Asked, lead: str) -> dict[str, Any]:
    """Route a rejected lead, mended."""
    changes = asked.body["changes"]
    what = f"{lead}: {', '.join(sorted(changes))}" if changes else lead
    with asked.deed(Act.REPLAY_REJECTED, what) as result:
        receipt = asked.desk.rejected().replay(lead, changes)
        result.say(f"goes on as {receipt.push}")
    return receipt_values(receipt)


def drop_rejected(asked: Asked, lead: str) -> dict[str, Any]:
    """Forget a rejected lead."""
    with asked.deed(Act.DROP_REJECTED, lead) as result:
        tried = asked.desk.rejected().drop([lead])
        result.say("dropped" if tried.done else "it was gone before")
    return _stepped(_all_done(tried))


def replay_many_rejected(asked: Asked) -> dict[str, Any]:
    """Route many rejected leads as they are."""
    rejected = asked.desk.rejected()
    step = tend_many(
        asked,
        Act.REPLAY_REJECTED,
        "replayed",
        named=lambda ids: _all_done(rejected.replay_all(ids)),
        some=lambda after: rejected.replay_some(_rejected_by_now(asked), after=after),
    )
    return _stepped(step)


def drop_many_rejected(asked: Asked) -> dict[str, Any]:
    """Forget many rejected leads."""
    rejected = asked.desk.rejected()
    step = tend_many(
        asked,
        Act.DROP_REJECTED,
        "dropped",
        named=lambda ids: _all_done(rejected.drop(ids)),
        some=lambda after: rejected.drop_some(_rejected_by_now(asked), after=after),
    )
    return _stepped(step)


def _wanted(asked: Asked) -> WantedRejections:
    said = {**asked.query, **asked.body}
    since, until = span_of(said, asked.now)
    source = said.get("source")
    return WantedRejections(source=None if source is None else SourceName(source), since=since, until=until)


def _rejected_by_now(asked: Asked) -> WantedRejections:
    """What is wanted and rejected by now: whatever is rejected once more meanwhile is not met again."""
    wanted = _wanted(asked)
    return replace(wanted, until=wanted.until or asked.now)


def _all_done(tried: Tried) -> Step:
    return Step(tended=tried, end=None, left=0)


def _stepped(step: Step) -> dict[str, Any]:
    tried = step.tended
    return {
        "done": tried.done,
        "gone": tried.gone,
        "still_rejected": tried.rejected,
        "next": step.end,
        "left": step.left,
    }


ONCE = "To ask twice does it once: a lead that goes on is among them no more."

CALLS = (
    Call(
        method="GET",
        path="/rejected",
        does=list_rejected,
        query=RejectedQuery,
        answer=RejectedPage,
        about="List leads that could not be routed.",
    ),
    Call(
        method="GET",
        path="/rejected/<lead>",
        does=show_rejected,
        query=UnmaskQuery,
        answer=WholeRejectionSchema,
        about="Show one rejected lead as it came.",
        refusals=(404,),
    ),
    Call(
        method="POST",
        path="/rejected/<lead>/replay",
        does=replay_rejected,
        role=Role.OPERATE,
        body=RepairBody,
        answer=ReceiptSchema,
        about="Route a rejected lead as if it came now, with some of its fields changed.",
        notes="409 when it still cannot be routed: it stays. The second of two answers is 404.",
        refusals=(404, 409),
    ),
    Call(
        method="DELETE",
        path="/rejected/<lead>",
        does=drop_rejected,
        role=Role.OPERATE,
        answer=TriedSchema,
        about="Forget a rejected lead for good.",
        notes="One that is gone already stands under `gone`.",
    ),
    Call(
        method="POST",
        path="/rejected/replay",
        does=replay_many_rejected,
        role=Role.OPERATE,
        body=RejectedBody,
        answer=TriedSchema,
        about="Route many rejected leads as they are, the oldest first: by other rules they may be sound now.",
        notes=f"Some a call: {GO_ON} {ONCE}",
        within=WITHIN,
    ),
    Call(
        method="POST",
        path="/rejected/drop",
        does=drop_many_rejected,
        role=Role.OPERATE,
        body=RejectedBody,
        answer=TriedSchema,
        about="Forget many rejected leads for good.",
        notes=f"Some a call: {GO_ON}",
        within=WITHIN,
    ),
)
