"""One HTTP exchange, from the request to its judged outcome."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import timedelta

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
SUCCESS_BELOW = 300


async def exchange(
    session: aiohttp.ClientSession,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    timeout: timedelta,  # noqa: ASYNC109 - the limit of a whole exchange is part of its meaning
    clock: Clock,
) -> Outcome:
    """Send a request once; redirects are not followed. Whatever happens is an outcome."""
    try:
        async with asyncio.timeout(timeout.total_seconds()) as limit:
            response = await session.request(method, url, data=body, headers=headers, allow_redirects=False)
    except TimeoutError:
        return Retry(reason=Reason.TIMEOUT, answer=Answer(text=f"no answer within {write_duration(timeout)}"))
    except (aiohttp.ClientError, OSError) as fault:
        return judge_failure(fault)
    try:
        return _judge(response, await _first_kilobyte(response, limit.when()), clock)
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


def _judge(response: aiohttp.ClientResponse, text: str, clock: Clock) -> Outcome:
    answer = Answer(status=response.status, text=text)
    if response.status < SUCCESS_BELOW:
        return judge_status(answer)
    headers = response.headers
    wait = headers.get("Retry-After")
    return judge_status(
        answer,
        after=read_retry_after(wait, clock.now()) if wait else None,
        aborted=headers.get(ABORT_HEADER, "").strip().lower() == ABORT,
    )


async def _first_kilobyte(response: aiohttp.ClientResponse, until: float | None) -> str:
    content = response.content
    if content.is_eof():
        raw = content.read_nowait(KEPT) if content.total_bytes else b""
    else:
        raw = await _read_slowly(content, until)
    if not raw:
        return ""
    if packed := response.headers.get("Content-Encoding", "identity").lower().replace("identity", ""):
        return f"(packed: {printable(packed)[:20]})"
    return printable(raw.decode("utf-8", "replace"))


async def _read_slowly(content: aiohttp.StreamReader, until: float | None) -> bytes:
    # The status has come: what is wrong with the rest of the answer no longer matters.
    raw, room = b"", MOST_READ
    try:
        async with asyncio.timeout_at(until):
            while room > 0 and (part := await content.read(room)):
                room -= len(part)
                raw += part[: KEPT - len(raw)]
    except (TimeoutError, aiohttp.ClientError, OSError):
        return raw
    return raw
