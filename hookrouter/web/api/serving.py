"""Serves the calls of the operator API: who asks is known, the question is sound, and few are answered at once.

The API lives in the receiver's processes. So what it costs is bounded: bodies are small, few calls are answered at a
time, and each ends when its time is over; pushes go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, request
from marshmallow import ValidationError

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import (
    ConfigurationError,
    HookrouterError,
    NeighbourAway,
    NotFound,
    NotReplicated,
    PushRefused,
)
from hookrouter.domain.operator import Operator, Role
from hookrouter.runtime import Runtime
from hookrouter.web.api.calls import PREFIX, WITHIN, Asked, Call, CallRefused, refused_as_wrong
from hookrouter.web.body import BodyReader
from hookrouter.web.crowd import Places, Readers
from hookrouter.web.headers import guard
from hookrouter.web.problems import problem
from hookrouter.web.punctual import punctual
from hookrouter.wire.strict_json import read_json

LARGEST_BODY = 1024 * 1024
"""Bytes; some leads to be explained, or five hundred ids."""
MOST_VALUES = 50_000
"""Commas of a body, also those in texts."""
BODY_WITHIN = 5.0
"""Seconds."""
READERS = 16
AT_ONCE = 4
"""Calls that one process answers at a time; what is behind them waits for its place."""
LONG_AT_ONCE = 2
"""The same of those that take their time."""
PLACE_WITHIN = 5.0
RETRY_AFTER = "5"
"""Seconds."""
JSON_TYPE = "application/json"

WhoAsks = Callable[[Role], Operator]
"""Who sends the request at hand; refuses it to whom may not have the role."""


def make_api(runtime: Runtime, calls: Sequence[Call], who: WhoAsks) -> Blueprint:
    """The operator API of one process."""
    api = Blueprint("operator_api", __name__)
    places, long_places = Places(AT_ONCE, PLACE_WITHIN), Places(LONG_AT_ONCE, PLACE_WITHIN)
    readers = Readers(READERS)
    body = BodyReader(LARGEST_BODY, BODY_WITHIN)

    def view(call: Call) -> Callable[..., Response]:
        def answer(**names: str) -> Response:
            operator = who(call.role)
            query = call.read(call.query, _query(), "the query")
            if query.get("unmask") and not operator.operates:
                raise CallRefused(403, "what is personal is shown to operators only: use the admin token for `unmask`")
            with readers.place():
                said = _body(body) if call.body else {}
            asked = Asked(runtime=runtime, operator=operator, query=query, body=call.read(call.body, said, "the body"))
            with (long_places if call.within > WITHIN else places).place(), punctual(within=call.within):
                if query.get("unmask"):
                    asked.desk.audit().note(operator, Act.UNMASK, request.path)
                return _written(call, call.does(asked, **names))

        return answer

    for call in calls:
        api.add_url_rule(call.rule, endpoint=call.name, view_func=view(call), methods=[call.method])
    _answer_faults(api)
    api.after_request(guard)
    return api


def _query() -> dict[str, str]:
    """What the address says; a word that is said twice means nothing."""
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise CallRefused(422, "the query says something twice", {name: ["say it once"] for name in twice})
    return request.args.to_dict()


def _body(reader: BodyReader) -> object:
    """What the body says; none says nothing."""
    written = reader.read()
    if not written.strip():
        return {}
    if request.mimetype != JSON_TYPE:
        # A page elsewhere could have a browser post a form; it cannot have it post JSON without asking first.
        raise CallRefused(415, "send JSON, with Content-Type: application/json")
    if written.count(b",") > MOST_VALUES:  # a megabyte of `[],[],` would keep pushes waiting for a second
        raise CallRefused(413, f"the body has more than {MOST_VALUES} values: send less at a time")
    return read_json(written)


def _written(call: Call, made: dict[str, Any] | Response) -> Response:
    if isinstance(made, Response):
        return made
    values = made if call.answer is None else call.answer().dump(made)
    return Response(orjson.dumps(values), content_type=JSON_TYPE)


def _answer_faults(api: Blueprint) -> None:
    """Answer every fault with a problem that says what to do."""
    for kind, answer in (
        (CallRefused, _refused),
        (ValidationError, _wrong),
        (PushRefused, _unreadable),
        (NotFound, _missing),
        (NotReplicated, _not_replicated),
        (NeighbourAway, _away),
        (ConfigurationError, _unknown),
        (HookrouterError, _impossible),
    ):
        api.register_error_handler(kind, answer)


def _refused(fault: CallRefused) -> Response:
    answer = problem(fault.status, fault.detail, errors=fault.faults)
    if fault.status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = "1"
    return answer


def _wrong(fault: ValidationError) -> Response:
    return _refused(refused_as_wrong(fault, "the question"))


def _unreadable(fault: PushRefused) -> Response:
    answer = problem(fault.status, fault.detail, fault.title)
    if fault.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if fault.retry_after:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _missing(fault: NotFound) -> Response:
    """What is not there; what to type in a shell, as the command says, is of no use here."""
    what = str(fault).partition(";")[0]
    part = request.path.removeprefix(PREFIX).split("/")[1]
    return problem(404, f"{what}; GET {PREFIX}/{part} lists those there are")


def _not_replicated(fault: NotReplicated) -> Response:
    return problem(503, str(fault))


def _away(fault: NeighbourAway) -> Response:
    answer = problem(503, f"{fault}; /health says how it does, ask again when it is back")
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _unknown(fault: ConfigurationError) -> Response:
    return problem(422, str(fault))


def _impossible(fault: HookrouterError) -> Response:
    return problem(409, str(fault))
