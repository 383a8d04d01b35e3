"""The receiver's own calls, as the description of the API tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import Schema

from hookrouter.wire.api.receiving import HealthSchema, ReadySchema, TakenSchema

JSON, TEXT, HEALTH = "application/json", "text/plain", "application/health+json"
ANY_BODY = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "*/*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is answered with a status; without a schema it is text, and without a type nothing."""

    about: str
    kind: str = ""
    schema: type[Schema] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverCall:
    """One call of the receiver.

    Attributes:
        takes: the kinds of its body; none without one.
        problems: the statuses with which it answers a problem.
    """

    method: str
    rule: str
    name: str
    about: str
    answers: Mapping[int, Content]
    notes: str = ""
    takes: tuple[str, ...] = ()
    problems: tuple[int, ...] = field(default_factory=tuple)
    is_for_operators: bool = False


RECEIVER_CALLS = (
    ReceiverCall(
        method="POST",
        rule="/hooks/<source>/<token>",
        name="push",
        about="Push leads.",
        notes=(
            "JSON in UTF-8 or a form, whatever its Content-Type, plain or packed with gzip or deflate: a list of "
            "leads, one "
            "lead, or either under `leads`, `lead`, `objects`, `data` or `result`. 200 means that they are kept "
            "safely. An "
            "exact re-send within the window counts once."
        ),
        takes=ANY_BODY,
        answers={200: Content(about="They are kept.", kind=JSON, schema=TakenSchema)},
        problems=(400, 404, 408, 413, 415, 422, 429, 503),
    ),
    ReceiverCall(
        method="GET",
        rule="/hooks/<source>/<token>",
        name="probe_hook",
        about="Ask whether this is where leads are pushed to.",
        answers={200: Content(about="It is.")},
        problems=(404, 429),
    ),
    ReceiverCall(
        method="GET",
        rule="/healthz",
        name="lives",
        about="Ask whether the process lives.",
        answers={200: Content(about="It does.", kind=TEXT)},
    ),
    ReceiverCall(
        method="GET",
        rule="/readyz",
        name="ready",
        about="Ask whether it can take a push.",
        answers={
            200: Content(about="It can.", kind=JSON, schema=ReadySchema),
            503: Content(about="It cannot.", kind=JSON, schema=ReadySchema),
        },
    ),
    ReceiverCall(
        method="GET",
        rule="/health",
        name="health",
        about="Ask how the whole system is doing.",
        notes="The parts are told to operators only.",
        answers={
            200: Content(about="Well, or with warnings.", kind=HEALTH, schema=HealthSchema),
            503: Content(about="Not well.", kind=HEALTH, schema=HealthSchema),
        },
        problems=(429,),
        is_for_operators=True,
    ),
    ReceiverCall(
        method="GET",
        rule="/metrics",
        name="metrics",
        about="Metrics, as Prometheus reads them.",
        answers={200: Content(about="The metrics.", kind=TEXT)},
        problems=(429,),
    ),
    ReceiverCall(
        method="GET",
        rule="/openapi.json",
        name="describe",
        about="This description.",
        answers={200: Content(about="OpenAPI 3.1.", kind=JSON)},
    ),
    ReceiverCall(
        method="POST",
        rule="/slack/actions",
        name="slack_actions",
        about="Tell which button somebody pressed in Slack.",
        notes="By Slack's own signature.",
        takes=("application/x-www-form-urlencoded",),
        answers={200: Content(about="It is kept.")},
        problems=(400, 401, 403, 408, 413, 429, 503),
    ),
)
