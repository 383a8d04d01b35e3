"""One mail handed to the mail server, from the connection to the judged outcome."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.wire.duration import write_duration
from hookrouter.wire.plain_text import one_line, shorten

KEPT = 1024
FIRST_CODE = 200  # the library says -1 for a reply it cannot read
PERMANENT = 500
"""From here on a reply means 'never' (RFC 5321 4.2.1)."""


async def hand_over(
    mail: EmailMessage,
    sender: str,
    recipients: Sequence[str],
    *,
    server: SmtpServer,
    timeout: timedelta,  # noqa: ASYNC109 - the limit of a whole exchange is part of its meaning
) -> Outcome:
    """Hand a mail over once; it is delivered when the server took it for at least one recipient."""
    client = _client(server, timeout)
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await client.connect()
            refused, reply = await client.send_message(mail, sender=sender, recipients=list(recipients))
            return Delivered(answer=_taken(refused, len(recipients), reply))
    except TimeoutError:
        return Retry(reason=Reason.TIMEOUT, answer=Answer(text=f"no answer within {write_duration(timeout)}"))
    except (SMTPException, OSError) as fault:
        return _judge(fault)
    finally:
        # No QUIT to wait for: the mail is taken or not, and closing says goodbye well enough.
        client.close()


def _client(server: SmtpServer, timeout: timedelta) -> SMTP:
    return SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.tls is MailTls.TLS,
        # True demands it, False never does it; None would fall back to plain text.
        start_tls=server.tls is MailTls.STARTTLS,
        tls_context=None if server.tls is MailTls.NONE else ssl.create_default_context(),
        timeout=timeout.total_seconds(),
        local_hostname="hookrouter",
    )


def _judge(fault: SMTPException | OSError) -> Outcome:
    match fault:
        case SMTPRecipientsRefused():
            replies = [(refusal.code, refusal.message) for refusal in fault.recipients]
            return _judge_reply(*min(replies))  # one that may yet be taken is worth another try
        case SMTPConnectError() if _is_tls(fault):
            return Retry(reason=Reason.TLS, answer=Answer(text="the mail server's TLS cannot be trusted"))
        case SMTPConnectError():
            return Retry(reason=Reason.NETWORK, answer=Answer(text="cannot connect to the mail server"))
        case SMTPResponseException():
            return _judge_reply(fault.code, fault.message)
        case ssl.SSLError():
            return Retry(reason=Reason.TLS, answer=Answer(text="the mail server's TLS cannot be trusted"))
        case SMTPNotSupported():
            return Dead(
                reason=Reason.REFUSED,
                answer=Answer(text="the mail server does not take addresses with letters beyond ASCII"),
            )
        case OSError():
            return Retry(reason=Reason.NETWORK, answer=Answer(text="the connection to the mail server broke"))
        case _:
            return Retry(reason=Reason.TLS, answer=Answer(text="the mail server offers no STARTTLS or no login"))


def _judge_reply(code: int, text: str) -> Outcome:
    if code < FIRST_CODE:
        return Retry(reason=Reason.NETWORK, answer=Answer(text="the mail server's answer is no SMTP"))
    answer = Answer(status=code, text=_shown(text))
    if code >= PERMANENT:
        return Dead(reason=Reason.REFUSED, answer=answer)
    return Retry(reason=Reason.SERVER_ERROR, answer=answer)


def _taken(refused: dict[str, aiosmtplib.SMTPResponse], asked: int, reply: str) -> Answer:
    if not refused:
        return Answer(status=250, text=_shown(reply))
    codes = ", ".join(sorted({str(response.code) for response in refused.values()}))
    return Answer(status=250, text=f"taken for {asked - len(refused)} of {asked} recipients, the others: {codes}")


def _is_tls(fault: BaseException) -> bool:
    return isinstance(fault.__cause__, ssl.SSLError)


def _shown(text: str) -> str:
    return shorten(one_line(text), KEPT)
