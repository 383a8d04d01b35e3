"""The API's endpoint: credentials, faults, the envelope, the count of calls."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.faults import Faults
from hookrouter.simulator.methods import answer_call, method_name, read_call
from hookrouter.simulator.misbehaviour import LOGIN_PATH, instead_of_answer, send, show_login, spoil
from hookrouter.simulator.push_body import php_json
from hookrouter.simulator.world import World

UNKNOWN_ACCOUNT = "Unable to determine clusterID from provided accountID/secretKey"
BEARER = "Bearer "
PATHS = ("/pubapi/v1", "/pubapi/v1/", "/pubapi/v1.2", "/pubapi/v1.2/")


@dataclass(slots=True, kw_only=True)
class Api:
    """Answers the calls of one account."""

    world: World
    faults: Faults
    account_id: str
    secret_key: str = field(repr=False)
    meter: CallMeter

    def routes(self) -> list[web.RouteDef]:
        """The endpoint under each of its paths, and what surrounds it."""
        posts = [web.post(path, self.answer) for path in PATHS]
        gets = [web.get(path, self.answer, allow_head=False) for path in PATHS]
        return [*posts, *gets, web.get(LOGIN_PATH, show_login)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call: 401 to strangers, else 200 whatever the outcome, unless a fault strikes."""
        call = read_call(await request.read())
        mode, seconds = self.faults.strike(method_name(call)), self.faults.seconds
        wrong = await instead_of_answer(mode, seconds, request)
        if wrong is not None:
            return wrong
        if not self._knows(request):
            return web.Response(
                status=401,
                body=php_json(UNKNOWN_ACCOUNT),
                content_type="application/json",
                headers={"WWW-Authenticate": 'Basic realm="SharpSpring"'},
            )
        envelope = spoil(mode, self._count(answer_call(self.world, self.meter, call, self._zone(request))))
        if isinstance(envelope, web.Response):
            return envelope
        return await send(mode, seconds, request, php_json(envelope))

    def _zone(self, request: web.Request) -> ZoneInfo | None:
        """The zone of the times in a call: the company's in v1, UTC in v1.2."""
        return None if request.path.rstrip("/").endswith("/v1.2") else ZoneInfo(self.world.quirks.zone)

    def _count(self, envelope: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.world.quirks.call_counts:
            return envelope
        return {
            **envelope,
            "callCount": str(self.meter.used_today),
            "queryLimit": str(self.meter.dials.allowance.per_day),
        }

    def _knows(self, request: web.Request) -> bool:
        """Credentials come in the query string, or in headers, where the query string wins."""
        bearer = request.headers.get("Authorization", "")
        account = request.query.get("accountID", request.headers.get("X-Account-Id", ""))
        secret = request.query.get("secretKey", bearer.removeprefix(BEARER) if bearer.startswith(BEARER) else "")
        known = hmac.compare_digest(account.encode(), self.account_id.encode())
        return hmac.compare_digest(secret.encode(), self.secret_key.encode()) and known
