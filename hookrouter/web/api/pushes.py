"""Pushes, as the operator API shows and replays them."""

from __future__ import annotations

from typing import Any

from flask import Response

from hookrouter.domain.audit import Act
from hookrouter.domain.ids import SourceName
from hookrouter.domain.operator import Role
from hookrouter.domain.push import Receipt
from hookrouter.ports.desk import Came, WantedPushes
from hookrouter.web.api.calls import Asked, Call, CallRefused
from hookrouter.wire.api.deliveries import PushesQuery, PushPage, ReceiptSchema, WholePushSchema
from hookrouter.wire.api.questions import UnmaskQuery, span_of

AS_IT_CAME = "application/octet-stream"


def list_pushes(asked: Asked) -> dict[str, Any]:
    """The pushes that are wanted."""
    query = asked.query
    since, until = span_of(dict(query), asked.now)
    source, came = query.get("source"), query.get("came")
    wanted = WantedPushes(
        source=None if source is None else SourceName(source),
        came=None if came is None else Came(came),
        since=since,
        until=until,
    )
    return asked.page(asked.desk.pushes().list(wanted, limit=query["limit"], after=query.get("after")))


def show_push(asked: Asked, push: str) -> dict[str, Any]:
    """One push."""
    return asked.shown(asked.desk.pushes().show(push).whole())


def show_push_body(asked: Asked, push: str) -> Response:
    """A push's body, byte for byte."""
    if not asked.query["unmask"]:
        raise CallRefused(422, "a body is shown with all that is personal in it, or not at all: say `unmask=true`")
    return Response(asked.desk.pushes().show(push).push.body, content_type=AS_IT_CAME)


def replay_push(asked: Asked, push: str) -> dict[str, Any]:
    """Take a push again."""
    with asked.deed(Act.REPLAY_PUSH, push) as result:
        receipt = asked.desk.pushes().replay(push)
        result.say(f"{receipt.accepted} of {receipt.leads} leads taken")
    return receipt_values(receipt)


def receipt_values(receipt: Receipt) -> dict[str, Any]:
    """What became of a push, as JSON has it."""
    return {
        "push": receipt.push,
        "leads": receipt.leads,
        "accepted": receipt.accepted,
        "rejected": receipt.rejected,
    }


CALLS = (
    Call(method="GET", path="/pushes", does=list_pushes, query=PushesQuery, answer=PushPage, about="List pushes."),
    Call(
        method="GET",
        path="/pushes/<push>",
        does=show_push,
        query=UnmaskQuery,
        answer=WholePushSchema,
        about="Show one push, without its body.",
        refusals=(404,),
    ),
    Call(
        method="GET",
        path="/pushes/<push>/body",
        does=show_push_body,
        role=Role.OPERATE,
        query=UnmaskQuery,
        answer=None,
        about="Show a push's body as it came.",
        notes="Byte for byte, with all that is personal in it: `unmask=true` must be said; the audit log has it.",
        refusals=(404,),
        content_type=AS_IT_CAME,
    ),
    Call(
        method="POST",
        path="/pushes/<push>/replay",
        does=replay_push,
        role=Role.OPERATE,
        answer=ReceiptSchema,
        about="Take a push that was refused, as if it came now.",
        notes=(
            "409 when it was taken when it came, so that to ask twice replays once; 400 or 422 when this version "
            "cannot read "
            "it either."
        ),
        refusals=(400, 404, 409),
    ),
)
