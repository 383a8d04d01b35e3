"""One HTTP exchange, from the request to its judged outcome."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

import aiohttp

from hookrouter.domain.outcome import Answer, Dead, Outcome, Reason, Retry, judge_status
from hookrouter.net.egress import ForbiddenAddress
from hookrouter.net.redirects import REDIRECTS, follow, redirect_note
from hookrouter.net.terms import Terms
from hookrouter.net.tls import UnusableTlsFile, what_is_wrong
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.config.duration import write_duration
from hookrouter.wire.messages.plain_text import printable
from hookrouter.wire.retry_after import read_retry_after

KEPT = 1024
"""How many bytes of an answer are kept."""

MOST_READ = 64 * 1024
"""How many bytes are read: an answer within this leaves its connection usable, a longer one costs it."""

ABORT_HEADER = "webhook-delivery"
ABORT = "abort-message"
USUAL: Mapping[str, Any] = {}


class Judge(Protocol):
    """Says what an answer means."""

    def __call__(self, answer: Answer, *, after: timedelta | None, aborted: bool) -> Outcome:
        """As `judge_status` does; another is for a far side that says more than its status."""


async def exchange(
    session: aiohttp.ClientSession,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    timeout: timedelta,  # noqa: ASYNC109 - the limit of a whole exchange is part of its meaning
    clock: Clock,
    judge: Judge = judge_status,
    kept: int = KEPT,
    terms: Terms | None = None,
) -> Outcome:
    """Send a request once; redirects are followed only if the terms say so. Whatever happens is an outcome.

    `judge` decides on an answer, of which it is shown the first `kept` bytes; it is to keep no more than `KEPT`.
    """
    try:
        settings = USUAL if terms is None else terms.settings()
        async with asyncio.timeout(timeout.total_seconds()) as limit:
            response = await session.request(method, url, data=body, headers=headers, allow_redirects=False, **settings)
            if terms is not None and response.status in REDIRECTS:
                response = await follow(session, response, headers=headers, body=body, terms=terms)
    except TimeoutError as fault:
        return Retry(reason=Reason.TIMEOUT, answer=Answer(text=_what_was_late(fault, timeout, terms)))
    except UnusableTlsFile as fault:
        return _tls(f"`tls.{fault.key}` of the sink: {fault}")
    except (aiohttp.ClientError, OSError) as fault:
        return judge_failure(fault)
    try:
        text = await _beginning(response, kept, limit.when())
        if response.status in REDIRECTS:
            text = f"{redirect_note(response, terms.redirects if terms else 0)} {text}".strip()
        told = response.headers
        wish = told.get("Retry-After")
        return judge(
            Answer(status=response.status, text=text),
            after=read_retry_after(wish, clock.now(), told.get("Date")) if wish else None,
            aborted=told.get(ABORT_HEADER, "").strip().lower() == ABORT,
        )
    finally:
        response.release()


def judge_failure(fault: aiohttp.ClientError | OSError) -> Outcome:
    """Judge an exchange that brought no answer; the text never names the URL, which may hold a secret."""
    match fault:
        case aiohttp.ClientOSError() if isinstance(fault.__cause__, ssl.SSLError):
            return _tls(what_is_wrong(fault))  # in the handshake, or in TLS 1.3 after it: our certificate is refused
        case aiohttp.ClientConnectorDNSError():
            return _network("the host's name cannot be resolved")
        case aiohttp.ClientConnectorError() if isinstance(fault.os_error, ForbiddenAddress):
            return Dead(reason=Reason.FORBIDDEN_ADDRESS, answer=Answer(text=str(fault.os_error)))
        case aiohttp.ClientConnectorError():
            return _network(f"cannot connect: {fault.os_error.strerror or 'no address answers'}")
        case aiohttp.InvalidURL():
            # The connector refuses addresses in odd forms, such as 127.1 or 2130706433, by this class.
            return Dead(reason=Reason.FORBIDDEN_ADDRESS, answer=Answer(text="the URL's host is no proper address"))
        case aiohttp.ServerDisconnectedError():
            return _network("the connection was closed without an answer")
        case aiohttp.ClientResponseError():
            return _network("the answer is no HTTP")
        case _:
            return _network(f"the connection broke ({type(fault).__name__})")


def _what_was_late(fault: TimeoutError, whole: timedelta, terms: Terms | None) -> str:
    match fault, terms:
        case aiohttp.ConnectionTimeoutError(), Terms(connect_timeout=timedelta() as limit):
            return f"no connection within {write_duration(limit)}"
        case aiohttp.SocketTimeoutError(), Terms(read_timeout=timedelta() as limit):
            return f"not a byte for {write_duration(limit)}"
    return f"no answer within {write_duration(whole)}"


def _network(text: str) -> Retry:
    return Retry(reason=Reason.NETWORK, answer=Answer(text=text))


def _tls(text: str) -> Retry:
    return Retry(reason=Reason.TLS, answer=Answer(text=text))


async def _beginning(response: aiohttp.ClientResponse, kept: int, until: float | None) -> str:
    content = response.content
    if content.is_eof():
        raw = content.read_nowait(kept) if content.total_bytes else b""
    else:
        raw = await _read_slowly(content, kept, until)
    if not raw:
        return ""
    if packed := response.headers.get("Content-Encoding", "identity").lower().replace("identity", ""):
        return f"(packed: {printable(packed)[:20]})"
    return printable(raw.decode("utf-8", "replace"))


async def _read_slowly(content: aiohttp.StreamReader, kept: int, until: float | None) -> bytes:
    # The status has come: what is wrong with the rest of the answer no longer matters.
    raw, room = b"", MOST_READ
    try:
        async with asyncio.timeout_at(until):
            while room > 0 and (part := await content.read(room)):
                room -= len(part)
                raw += part[: kept - len(raw)]
    except (TimeoutError, aiohttp.ClientError, OSError):
        return raw
    return raw
