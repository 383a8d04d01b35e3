"""The API's endpoint: credentials, faults, the envelope, the count of calls."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from aiohttp import web

from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.faults import Faults
from hookrouter.simulator.methods import answer_call
from hookrouter.simulator.shapes import php_json
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
        """The endpoint under each of its paths."""
        return [web.post(path, self.answer) for path in PATHS]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one call: 401 to strangers, else 200 whatever the outcome."""
        wrong = await self.faults.strike()
        if wrong is not None:
            return wrong
        if not self._knows(request):
            return web.Response(
                status=401,
                body=php_json(UNKNOWN_ACCOUNT),
                content_type="application/json",
                headers={"WWW-Authenticate": 'Basic realm="SharpSpring"'},
            )
        envelope = answer_call(self.world, self.meter, await request.read())
        counted = {
            **envelope,
            "callCount": str(self.meter.used_today),
            "queryLimit": str(self.meter.dials.allowance.per_day),
        }
        return web.Response(body=php_json(counted), content_type="application/json")

    def _knows(self, request: web.Request) -> bool:
        """Credentials come in the query string, or in headers, where the query string wins."""
        bearer = request.headers.get("Authorization", "")
        account = request.query.get("accountID", request.headers.get("X-Account-Id", ""))
        secret = request.query.get("secretKey", bearer.removeprefix(BEARER) if bearer.startswith(BEARER) else "")
        known = hmac.compare_digest(account.encode(), self.account_id.encode())
        return hmac.compare_digest(secret.encode(), self.secret_key.encode()) and known
