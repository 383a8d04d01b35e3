"""Rejected leads, as the operator API shows and replays them."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.audit import Act
from hookrouter.domain.operator import Role
from hookrouter.web.api.calls import Asked, Call
from hookrouter.web.api.pushes import receipt_values
from hookrouter.wire.api.deliveries import ReceiptSchema
from hookrouter.wire.api.questions import UnmaskQuery
from hookrouter.wire.api.set_aside import RejectedPage, RejectedQuery, RepairBody, WholeRejectionSchema


def list_rejected(asked: Asked) -> dict[str, Any]:
    """The rejected leads."""
    query = asked.query
    return asked.page(asked.desk.rejected().list(limit=query["limit"], after=query.get("after")))


def show_rejected(asked: Asked, lead: str) -> dict[str, Any]:
    """One rejected lead."""
    return asked.shown(asked.desk.rejected().show(lead).whole())


def replay_rejected(asked: Asked, lead: str) -> dict[str, Any]:
    """Route a rejected lead, mended."""
    changes = asked.body["changes"]
    what = f"{lead}: {', '.join(sorted(changes))}" if changes else lead
    with asked.deed(Act.REPLAY_REJECTED, what) as result:
        receipt = asked.desk.rejected().replay(lead, changes)
        result.say(f"goes on as {receipt.push}")
    return receipt_values(receipt)


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
        about="Route a rejected lead as if it came now, with some of its fields set anew.",
        notes="409 when it still cannot be routed: it stays. The second of two answers is 404.",
        refusals=(404, 409),
    ),
)
