"""One call of the CRM's API over HTTP."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
from yarl import URL

from hookrouter.clock import SystemClock
from hookrouter.crm.patience import ASK_ONCE, Patience
from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.errors import ConfigurationError, CrmAway, CrmPassedOn, CrmQuotaSpent, CrmRefused, CrmThrottled
from hookrouter.domain.quota import CallCount
from hookrouter.net.asked_request import AskedRequest
from hookrouter.net.names import Names
from hookrouter.ports.last_word import PassedOn
from hookrouter.wire.crm.envelope import encode_call, open_answer

LARGEST_ANSWER = 32 * 1024 * 1024  # a page of 500 leads with 55 custom fields was 2 MB; date ranges may be larger
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def open_crm_session() -> aiohttp.ClientSession:
    """A session as the client wants it: no proxy from the environment, no cookies."""
    connector = aiohttp.TCPConnector(resolver=Names())
    return aiohttp.ClientSession(
        connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), request_class=AskedRequest
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the CRM answered in the end; `doubtful` if a try before may have done the same already."""

    result: dict[str, Any] = field(repr=False)
    doubtful: bool


async def at_once() -> None:
    """Wait for nothing."""


def _unheard(*_: CallCount) -> None:
    """Tell nobody."""


class CrmClient:
    """Calls methods of the API; the secret key travels in the query string, as the API wants it, and no error shows it.

    Args:
        url: of the API, with or without the slash at its end.
        account_id: from Settings > API Settings in the CRM.
        secret_key: likewise.
        session: must not trust the environment; `open_crm_session` makes one.
        timeout: seconds that a call may take in all.
        times: how the account writes its times: in UTC, or as API v1 does.
        patience: how often what does not answer is asked again; usually once and no more, for callers come back.
        turn: awaited before each call goes out.
        on_answer: told what an answer says of the account's calls.
        on_spent: told that the account's calls are spent.
        on_throttled: told that too many calls came in a second.
    """

    def __init__(
        self,
        *,
        url: str,
        account_id: str,
        secret_key: str,
        session: aiohttp.ClientSession,
        timeout: float,
        times: AccountTimes = IN_UTC,
        patience: Patience = ASK_ONCE,
        turn: Callable[[], Awaitable[None]] = at_once,
        on_answer: Callable[[CallCount], None] = _unheard,
        on_spent: Callable[[], None] = _unheard,
        on_throttled: Callable[[], None] = _unheard,
    ) -> None:
        self._url = _with_credentials(url, account_id, secret_key)
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._patience = patience
        self._turn = turn
        self._on_answer = on_answer
        self._on_spent = on_spent
        self._on_throttled = on_throttled
        self._clock = SystemClock()
        self.times = times
        self.now = self._clock.now

    async def call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method and give its result object.

        Raises:
            CrmAway: it does not answer, throttles, or cannot be read.
            CrmRefused: it refuses the call as a whole.
        """
        return (await self.ask(method, params)).result

    async def ask(self, method: str, params: Mapping[str, Any]) -> Told:
        """Call a method, and tell with its result whether it may have been done before.

        Raises:
            CrmAway: as `call`; `did_nothing` speaks of all tries together.
            CrmRefused: as `call`.
        """
        request = encode_call(method, params, secrets.token_hex(8))
        doubtful = False
        for tried in count(1):
            answer = await self._try(request, method)
            if isinstance(answer, CrmRefused):
                raise answer.with_traceback(None)  # the frames of the call hold its URL, and what the CRM wrote
            if not isinstance(answer, CrmAway):
                return Told(result=answer, doubtful=doubtful)
            doubtful = doubtful or not answer.did_nothing
            pause = self._patience.pause(method, answer, tried=tried, roll=self._clock.roll())
            if pause is None:
                answer.did_nothing = not doubtful
                raise answer.with_traceback(None)  # as above
            await asyncio.sleep(pause)
        raise AssertionError  # count() does not end

    async def _try(self, request: bytes, method: str) -> dict[str, Any] | CrmAway | CrmRefused:
        """The result of one call, or why there is none; raised by nobody yet, so that no fault stands behind it."""
        await self._turn()
        try:
            status, body = await self._post(request, method)
            answer = open_answer(status, body, method)
            if answer.count is not None:
                self._on_answer(answer.count)
            return answer.served()
        except CrmAway as away:
            if isinstance(away, CrmQuotaSpent):
                self._on_spent()
            elif isinstance(away, CrmThrottled):
                self._on_throttled()
            return away
        except CrmRefused as refused:
            return refused
        except PassedOn:
            return CrmPassedOn(f"{method} was not called: its lease has passed on", did_nothing=True)
        except TimeoutError:
            return CrmAway(f"the CRM did not answer {method} in time; this usually passes")
        except aiohttp.ClientConnectorError as fault:
            return _unreached(method, fault, did_nothing=True)
        except (aiohttp.ClientError, OSError) as fault:
            return _unreached(method, fault, did_nothing=False)

    async def _post(self, request: bytes, method: str) -> tuple[int, bytes]:
        async with self._session.post(
            self._url, data=request, headers=HEADERS, timeout=self._timeout, allow_redirects=False
        ) as answer:
            return answer.status, await _read_bounded(answer, method)


def _unreached(method: str, fault: Exception, *, did_nothing: bool) -> CrmAway:
    # Only the kind of the fault: its text may quote the URL, and with it the secret key.
    text = f"the CRM cannot be reached for {method} ({type(fault).__name__}); check crm.url"
    return CrmAway(text, did_nothing=did_nothing)


async def _read_bounded(answer: aiohttp.ClientResponse, method: str) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise CrmAway(f"the CRM's answer to {method} is larger than 32 MiB; ask for fewer leads at once")
    return bytes(body)


def _with_credentials(url: str, account_id: str, secret_key: str) -> URL:
    address = _read_url(url)
    if address is None:
        raise ConfigurationError("crm.url is no URL; give one such as https://api.sharpspring.com/pubapi/v1.2/")
    if address.scheme not in ("http", "https") or not address.host:
        raise ConfigurationError("crm.url must start with https:// or http:// and name a host")
    return address.update_query({"accountID": account_id, "secretKey": secret_key})


def _read_url(url: str) -> URL | None:
    try:
        return URL(url)
    except ValueError:
        return None
