"""What is tried before it is done, as the operator API does it: leads explained, and a test message."""

from __future__ import annotations

from typing import Any, cast

import gevent
from marshmallow import ValidationError

from hookrouter.domain.audit import Act
from hookrouter.domain.lead import Json
from hookrouter.domain.operator import Role
from hookrouter.runtime.workshop import Workshop
from hookrouter.usecases.explaining.explain import Explanation
from hookrouter.usecases.explaining.playground import MOST_EXPLAINED, Given, Told
from hookrouter.usecases.explaining.recall import Recalled
from hookrouter.web import messenger
from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.trying import ExplainBody, ExplainQuery, ExplanationsSchema, SendTestBody, TestedSchema
from hookrouter.wire.moments import back_from

TEST_WITHIN = 60.0
"""Seconds; a sink may be slow, and its own time-out tells more than ours."""
MARGIN = 5.0


def explain(asked: Asked) -> dict[str, Any]:
    """What would become of some leads."""
    body, playground = asked.body, Workshop(asked.runtime).playground(rest=lambda: gevent.sleep(0))
    at = back_from(asked.now, body.get("at"))
    if body.get("leads") is None:
        told = playground.stored(body.get("push"), body.get("lead"), source=body.get("source"), at=at)
        pairs = zip(told.explanations, told.recalled, strict=True)
        return _told(told, [_stored(asked, explanation, recalled) for explanation, recalled in pairs])
    given = Given(
        leads=body["leads"],
        previous=body.get("previous"),
        timeline=body.get("timeline"),
        at=at,
        source=body.get("source"),
    )
    told = playground.given(given)
    return _told(told, [each.as_json() for each in told.explanations])  # who asks knows what is personal in it


def _told(told: Told, leads: list[dict[str, Json]]) -> dict[str, Any]:
    if told.left:
        raise ValidationError(
            f"at most {MOST_EXPLAINED} leads are explained at a time: these are {told.left} more", "leads"
        )
    rejected = [{"place": each.place, "errors": dict(each.errors)} for each in told.rejected]
    return {"leads": leads, "rejected": rejected}


def _stored(asked: Asked, explanation: Explanation, recalled: Recalled) -> dict[str, Json]:
    occasion = recalled.occasion
    doubt: dict[str, Json] = {"doubt": recalled.doubt} if recalled.doubt else {}
    told = asked.discreet(explanation.as_json(), recalled.lead.fields, recalled.snapshot)
    return {
        **cast("dict[str, Json]", told),
        "changed": list(explanation.changed),
        "push": occasion.push,
        "source": occasion.source,
        "at": occasion.received_at.isoformat(),
        **doubt,
    }


def send_test(asked: Asked, sink: str) -> dict[str, Any]:
    """Send a test through a sink."""
    name, lead = asked.sink(sink), asked.body.get("lead")
    batch = None if lead is None else asked.runtime.push_reader.judge([lead], asked.now)
    if batch is not None and not batch.accepted:
        raise ValidationError(dict(batch.rejected[0].errors), "lead")
    with asked.deed(Act.SEND_TEST, name) as result:
        tested = messenger.send_test(name, lead, TEST_WITHIN)
        result.say("arrived" if tested["delivered"] else "did not arrive")
    return tested


CALLS = (
    Call(
        method="POST",
        path="/explain",
        does=explain,
        query=ExplainQuery,
        body=ExplainBody,
        answer=ExplanationsSchema,
        about="Tell which routes leads would take, why not the others, and what each sink would be sent.",
        notes=(
            f"Nothing is sent or stored, and the same code judges as the running router's. At most {MOST_EXPLAINED} "
            "leads. "
            "What is stored is shown masked."
        ),
        refusals=(400, 404, 409),
    ),
    Call(
        method="POST",
        path="/sinks/<sink>/test",
        does=send_test,
        role=Role.OPERATE,
        body=SendTestBody,
        answer=TestedSchema,
        about="Send one real message through a sink, marked as a test.",
        notes="200 also when it did not arrive: `delivered` says so. To ask twice sends two.",
        refusals=(404, 409),
        within=TEST_WITHIN + MARGIN,
    ),
)
