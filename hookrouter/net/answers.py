"""One HTTP exchange, from the request to its judged outcome."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import aiohttp

from hookrouter.domain.outcome import Answer, Dead, Outcome, Reason, Retry, judge_status
from hookrouter.net.egress import ForbiddenAddress
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.duration import write_duration
from hookrouter.wire.plain_text import printable
from hookrouter.wire.retry_after import read_retry_after

KEPT = 1024
"""How many bytes of an answer are kept."""

MOST_READ = 64 * 1024
"""How many bytes are read: an answer within this leaves its connection usable, a longer one costs it."""

ABORT_HEADER = "webhook-delivery"
ABORT = "abort-message"


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
) -> Outcome:
    """Send a request once; redirects are not followed. Whatever happens is an outcome.

    `judge` decides on an answer, of which it is shown the first `kept` bytes; it is to keep no more than `KEPT`.
    """
    try:
        async with asyncio.timeout(timeout.total_seconds()) as limit:
            response = await session.request(method, url, data=body, headers=headers, allow_redirects=False)
    except TimeoutError:
        return Retry(reason=Reason.TIMEOUT, answer=Answer(text=f"no answer within {write_duration(timeout)}"))
    except (aiohttp.ClientError, OSError) as fault:
        return judge_failure(fault)
    try:
        text = await _beginning(response, kept, limit.when())
        return judge(
            Answer(status=response.status, text=text),
            after=read_retry_after(response.headers.get("Retry-After"), clock.now()),
            aborted=response.headers.get(ABORT_HEADER, "").strip().lower() == ABORT,
        )
    finally:
        response.release()


def judge_failure(fault: aiohttp.ClientError | OSError) -> Outcome:
    """Judge an exchange that brought no answer; the text never names the URL, which may hold a secret."""
    match fault:
        case aiohttp.ClientSSLError():
            return Retry(reason=Reason.TLS, answer=Answer(text=_tls_fault(fault)))
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


def _network(text: str) -> Retry:
    return Retry(reason=Reason.NETWORK, answer=Answer(text=text))


def _tls_fault(fault: aiohttp.ClientSSLError) -> str:
    if not isinstance(fault, aiohttp.ClientConnectorCertificateError):
        return "the TLS handshake failed"
    cause = fault.certificate_error
    detail = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else "it is for another name"
    return f"the certificate is not valid: {detail}"


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
