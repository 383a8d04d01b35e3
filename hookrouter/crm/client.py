"""One call of the CRM's API over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from hookrouter.clock import SystemClock
from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.errors import ConfigurationError, CrmAway
from hookrouter.net.names import Names
from hookrouter.wire.crm.envelope import decode_answer, encode_call

LARGEST_ANSWER = 32 * 1024 * 1024  # a page of 500 leads with 55 custom fields was 2 MB; date ranges may be larger
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def open_crm_session() -> aiohttp.ClientSession:
    """A session as the client wants it: no proxy from the environment, no cookies."""
    connector = aiohttp.TCPConnector(resolver=Names())
    return aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())


class CrmClient:
    """Calls methods of the API; the secret key travels in the query string, as the API wants it, and no error shows it.

    Args:
        url: of the API, with or without the slash at its end.
        account_id: from Settings > API Settings in the CRM.
        secret_key: likewise.
        session: must not trust the environment; `open_crm_session` makes one.
        timeout: seconds that a call may take in all.
        times: how the account writes its times: in UTC, or as API v1 does.
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
    ) -> None:
        self._url = _with_credentials(url, account_id, secret_key)
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self.times = times
        self.now = SystemClock().now

    async def call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method and give its result object.

        Raises:
            CrmAway: it does not answer, throttles, or cannot be read.
            CrmRefused: it refuses the call as a whole.
        """
        request = encode_call(method, params, secrets.token_hex(8))
        try:
            status, body = await self._post(request, method)
        except TimeoutError:
            raise CrmAway(f"the CRM did not answer {method} in time; it is tried again later") from None
        except (aiohttp.ClientError, OSError) as fault:
            # Only the kind of the fault: its text may quote the URL, and with it the secret key.
            raise CrmAway(f"the CRM cannot be reached for {method} ({type(fault).__name__}); check crm.url") from None
        return decode_answer(status, body, method)

    async def _post(self, request: bytes, method: str) -> tuple[int, bytes]:
        async with self._session.post(
            self._url, data=request, headers=HEADERS, timeout=self._timeout, allow_redirects=False
        ) as answer:
            return answer.status, await _read_bounded(answer, method)


async def _read_bounded(answer: aiohttp.ClientResponse, method: str) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise CrmAway(f"the CRM's answer to {method} is larger than 32 MiB; ask for fewer leads at once")
    return bytes(body)


def _with_credentials(url: str, account_id: str, secret_key: str) -> URL:
    try:
        address = URL(url)
    except ValueError:
        raise ConfigurationError(
            "crm.url is no URL; give one such as https://api.sharpspring.com/pubapi/v1.2/"
        ) from None
    if address.scheme not in ("http", "https") or not address.host:
        raise ConfigurationError("crm.url must start with https:// or http:// and name a host")
    return address.update_query({"accountID": account_id, "secretKey": secret_key})
