"""Describes all calls as OpenAPI 3.1, by the schemas that read questions and write answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson

from hookrouter import __version__
from hookrouter.domain.operator import Role
from hookrouter.web.api.calls import Call
from hookrouter.web.api.examples import EXAMPLES
from hookrouter.web.api.receiver_calls import RECEIVER_CALLS, Content, ReceiverCall
from hookrouter.wire.api.receiving import ProblemSchema
from hookrouter.wire.problem import PROBLEM_TYPE

Shape = dict[str, Any]

ALWAYS = (401, 403, 422, 429, 503)
WITH_BODY = (400, 408, 413, 415)
TOKEN = "token"  # noqa: S105 - the name of the scheme
ABOUT = (
    "The calls by which leads are pushed, and those by which operators see and steer hookrouter. Lists are paged: "
    "`limit` says "
    "how many rows, and `next` of one page is the `after` of the next. Errors are `application/problem+json`, and say "
    "what to "
    "do. What is personal is masked unless an operator says `unmask=true`. Every change stands in the audit log; where "
    "to ask "
    "twice changes more than to ask once, the call says so, so that none needs a key for that."
)
PARTS = {
    "operator": "Who asks, and what that may do.",
    "status": "How every part does, and what to do about it.",
    "sinks": "The targets: how each stands, to hold one, to let it go on, to try it.",
    "routes": "The rules: how each stands, to hold one, to let it go on.",
    "flow": "Sources, routes and sinks as leads flow through them, with the last hours.",
    "rules": "The configuration in force.",
    "crm": "What is known of the CRM: calls of the day, subscription, what pushes miss.",
    "pushes": "Pushes as they came.",
    "deliveries": "What sinks were told, each attempt of it, and what waits.",
    "leads": "One lead: its whole story, and to erase a person.",
    "dead": "Dead letters: deliveries that were given up, to be mended, tried again or dropped.",
    "rejected": "Leads that could not be routed, to be mended, routed again or dropped.",
    "silences": "For a while people are not told of some leads.",
    "teams": "Whose turn it is.",
    "decisions": "Whom leads were given to, and why.",
    "follow-ups": "Leads that nobody has reacted to yet.",
    "report": "Figures by day, route and person.",
    "explain": "Which routes leads would take, and what would be sent.",
    "audit": "What operators did.",
    "receiver": "What senders of pushes, probes and Prometheus ask.",
}
"""What the calls of each part are about."""
NAMES = {
    "sink": "A sink, by its name in the configuration.",
    "route": "A route, by its name in the configuration.",
    "team": "A team, by its name in the configuration.",
    "push": "A push, by its id: `p_…`.",
    "delivery": "A delivery, by its id: `d_…`, or `g_…` of a digest.",
    "letter": "A dead letter, by the id of its delivery: `d_…`.",
    "lead": "A rejected lead, by its `id` in the list of them.",
    "silence": "A silence, by its id.",
    "source": "A source, by its name in the configuration.",
    "token": "The token of that source.",
}
"""What stands in a path."""
OTHERS = "Any other fault, such as an address that there is not (404), or a method that it has not (405)."
_NAME = re.compile(r"<(\w+)>")


@cache
def describe(calls: tuple[Call, ...], rules: frozenset[str]) -> bytes:
    """The description of those calls that are served under one of these rules; made once, for it takes its time."""
    # Imported when somebody asks, as few do: it is not to be in the memory of every receiver.
    from apispec import APISpec  # noqa: PLC0415
    from apispec.ext.marshmallow import MarshmallowPlugin  # noqa: PLC0415

    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="hookrouter", version=__version__, openapi_version="3.1.0", plugins=[plugin], info={"description": ABOUT}
    )
    about = "The value of HOOKROUTER_ADMIN_TOKEN, or of HOOKROUTER_READ_TOKEN for what only reads."
    spec.components.security_scheme(TOKEN, {"type": "http", "scheme": "bearer", "description": about})
    for part, told in PARTS.items():
        spec.tag({"name": part, "description": told})
    for call in calls:
        if call.rule in rules:
            spec.path(path=_path(call.rule), operations={call.method.lower(): _operation(call)})
    for own in RECEIVER_CALLS:
        if own.rule in rules:
            spec.path(path=_path(own.rule), operations={own.method.lower(): _receiver_operation(own)})
    return orjson.dumps(spec.to_dict())


def _path(rule: str) -> str:
    return _NAME.sub(r"{\1}", rule)


def _operation(call: Call) -> Shape:
    statuses = sorted({*ALWAYS, *call.refusals, *(WITH_BODY if call.body else ())})
    operation: Shape = {
        "operationId": call.name,
        "tags": [call.part],
        "summary": call.about,
        "description": " ".join(filter(None, (call.notes, _who(call.role)))),
        "security": [{TOKEN: []}],
        "parameters": [*_names(call.rule), *([{"in": "query", "schema": call.query}] if call.query().fields else [])],
        "responses": {"200": _answer(call), **_problems(statuses)},
    }
    if call.body:
        shown = {"schema": call.body, "example": EXAMPLES[call.name]}
        operation["requestBody"] = {"content": {"application/json": shown}}
    return operation


def _receiver_operation(call: ReceiverCall) -> Shape:
    operation: Shape = {
        "operationId": call.name,
        "tags": ["receiver"],
        "summary": call.about,
        "description": call.notes,
        "parameters": _names(call.rule),
        "responses": {
            **{str(status): _content(content) for status, content in call.answers.items()},
            **_problems(call.problems),
        },
    }
    if call.is_for_operators:
        operation["security"] = [{}, {TOKEN: []}]
    if call.takes:
        content: dict[str, Shape] = {kind: {"schema": {}} for kind in call.takes}
        content[call.takes[0]]["example"] = EXAMPLES[call.name]
        operation["requestBody"] = {"content": content}
    return operation


def _who(role: Role) -> str:
    return "For operators." if role is Role.OPERATE else "For readers, too."


def _names(rule: str) -> list[Shape]:
    return [
        {"in": "path", "name": name, "required": True, "description": NAMES[name], "schema": {"type": "string"}}
        for name in _NAME.findall(rule)
    ]


def _answer(call: Call) -> Shape:
    if call.answer is None:
        return {"description": "As it came.", "content": {call.content_type: {"schema": {}}}}
    return {"description": "Done.", "content": {call.content_type: {"schema": call.answer}}}


def _content(content: Content) -> Shape:
    if not content.kind:
        return {"description": content.about}
    schema = content.schema or ({"type": "string"} if content.kind.startswith("text/") else {"type": "object"})
    return {"description": content.about, "content": {content.kind: {"schema": schema}}}


def _problems(statuses: Iterable[int]) -> Shape:
    """The faults that are named, and any other: clients that are generated read all alike."""
    named = {str(status): _problem(HTTPStatus(status).phrase) for status in statuses}
    return {**named, "default": _problem(OTHERS)}


def _problem(about: str) -> Shape:
    return {"description": about, "content": {PROBLEM_TYPE: {"schema": ProblemSchema}}}
