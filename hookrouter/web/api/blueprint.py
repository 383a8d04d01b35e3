"""The operator API and its description, as Flask has them."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.operator import Door, Operator, Role
from hookrouter.runtime import Runtime
from hookrouter.web.api.calls import CallRefused
from hookrouter.web.api.description import describe
from hookrouter.web.api.serving import WhoAsks, make_api
from hookrouter.web.api.table import CALLS
from hookrouter.web.operators import Doorkeeper

NOBODY = (
    "say who you are: Authorization: Bearer TOKEN, with the value of HOOKROUTER_ADMIN_TOKEN, or of "
    "HOOKROUTER_READ_TOKEN to "
    "read; without an admin token only who is at this machine is answered"
)


def make_operator_api(runtime: Runtime, door: Doorkeeper) -> Blueprint:
    """All calls of the operator API, and what describes them."""
    api = make_api(runtime, CALLS, _who_asks(door))

    @api.get("/openapi.json")
    def description() -> Response:
        rules = frozenset(rule.rule for rule in current_app.url_map.iter_rules())
        return Response(describe(CALLS, rules), content_type="application/json")

    return api


def _who_asks(door: Doorkeeper) -> WhoAsks:
    def who(role: Role) -> Operator:
        operator = door.by_bearer(Door.API)
        if operator is None:
            operator = door.by_place(Door.API)
            # Without a token anybody's page could have a browser at this machine ask.
            if operator is not None and request.method != "GET" and not door.callers.is_same_site():
                raise CallRefused(403, "a page from elsewhere asked: changes are taken from none but our own")
        if operator is None:
            raise PushRefused(401, "who asks?", NOBODY)
        if role is Role.OPERATE and not operator.operates:
            raise CallRefused(403, "the read token reads: use the admin token for changes")
        return operator

    return who
