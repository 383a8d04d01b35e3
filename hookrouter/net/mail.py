"""One mail handed to the mail server, with what became of each recipient."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from hookrouter.domain.outcome import Answer, Dead, Reason, Retry
from hookrouter.domain.personal import Mask
from hookrouter.net.names import Names
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.ports.last_word import insist_it_is_ours
from hookrouter.wire.config.duration import write_duration
from hookrouter.wire.messages.plain_text import one_line, shorten
from hookrouter.wire.messages.written_mail import WrittenMail

KEPT = 1024
PASSING, PERMANENT = 400, 500
"""From here on a reply means 'not now', and 'never' (RFC 5321 4.2.1)."""
GOING = 421
"""The server closes the connection, whatever it was asked."""
TOO_MANY_RECIPIENTS = 552
"""In answer to a recipient it means 'not now' (RFC 5321 4.5.3.1.10), also where it says that a mailbox is full."""
LOGIN_CODES = frozenset({530, 534, 535, 538})
"""Authentication required, too weak, wrong, or only under TLS (RFC 4954 6)."""
NOT_ASCII = "the mail server does not take addresses with letters beyond ASCII"
NAMELESS = "the mail server's name cannot be resolved"
UNREACHED = "cannot connect to the mail server"
UNTRUSTED = "the mail server's TLS cannot be trusted"


class Step(StrEnum):
    """How far the exchange has come: what a reply means depends on it."""

    CONNECT = "connecting"
    SECURE = "securing the connection"
    LOGIN = "signing in"
    ADDRESS = "naming sender and recipients"
    CONTENT = "handing over the mail"


@dataclass(slots=True, kw_only=True)
class HandedOver:
    """What became of a mail.

    Attributes:
        taken: the recipients that have it.
        reply: what the server said to that.
        refused: the recipients that never will, with what it said of each.
        put_off: why all the others may have it later.
    """

    taken: tuple[str, ...] = field(default=(), repr=False)
    reply: Answer = field(default_factory=Answer)
    refused: dict[str, Answer] = field(default_factory=dict, repr=False)
    put_off: Retry | None = None


async def hand_over(
    mail: WrittenMail,
    recipients: Sequence[str],
    *,
    server: SmtpServer,
    timeout: timedelta,  # noqa: ASYNC109 - the limit of a whole exchange is part of its meaning
    names: Names | None = None,
) -> HandedOver:
    """Hand a mail over once; each recipient is judged by itself.

    Who hands over several at once gives all of them the same `names`, and asks for the server's but once.

    Raises:
        PassedOn: the delivery is not this process' any more; the mail was not handed over.
    """
    exchange = _Exchange(mail, recipients, server, timeout)
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await exchange.run(names or Names())
    except TimeoutError:
        text = f"no answer within {write_duration(timeout)}, while {exchange.step}"
        exchange.end_with(Retry(reason=Reason.TIMEOUT, answer=Answer(text=text)))
    except (SMTPException, OSError) as fault:
        exchange.end_with(_judge(fault, exchange.step))
    finally:
        # No QUIT to wait for: the mail is taken or not, and closing says goodbye well enough.
        exchange.client.close()
    return exchange.result


class _Exchange:
    """One conversation with the mail server."""

    def __init__(self, mail: WrittenMail, recipients: Sequence[str], server: SmtpServer, limit: timedelta) -> None:
        self.step = Step.CONNECT
        self.result = HandedOver()
        self.client = SMTP(
            hostname=server.host,
            use_tls=server.tls is MailTls.TLS,
            start_tls=False,  # demanded below, where no refusal can be taken for one of the mail
            tls_context=None if server.tls is MailTls.NONE else ssl.create_default_context(),
            timeout=limit.total_seconds(),
            local_hostname="hookrouter",
        )
        self._mail = mail
        self._server = server
        self._concerned = list(recipients)

    async def run(self, names: Names) -> None:
        await self.client.connect(sock=await self._connected(names))
        await self._greet()
        if self._server.tls is MailTls.STARTTLS:
            self.step = Step.SECURE
            await self.client.starttls()
            await self._greet()
        if self._server.username is not None:
            self.step = Step.LOGIN
            await self.client.login(self._server.username, self._server.password or "")
        self.step = Step.ADDRESS
        if content := await self._address():
            self.step = Step.CONTENT
            self._ask_before_each_write()
            answer = await self.client.data(content)
            self.result.taken = tuple(self._concerned)
            self.result.reply = _answer(answer.code, answer.message)

    async def _connected(self, names: Names) -> socket.socket:
        # Not by the library: the loop's own look-up of the name would hold up those of others.
        try:
            return await names.connect(self._server.host, self._server.port)
        except OSError as fault:
            raise SMTPConnectError(UNREACHED) from fault

    def _ask_before_each_write(self) -> None:
        """Have the mail itself ask, too: it follows upon an answer, for which a process may have stood still."""
        if (protocol := self.client.protocol) is None:  # it broke off, which the library says at once
            return
        write = protocol.write

        def asked(text: bytes) -> None:
            insist_it_is_ours()
            write(text)

        protocol.write = asked  # type: ignore[method-assign, assignment]  # the library takes no class of ours

    def end_with(self, outcome: Retry | Dead) -> None:
        """Put off, or refuse, those whom the last step concerned."""
        if isinstance(outcome, Retry):
            self.result.put_off = outcome
        else:
            self._refuse(self._concerned, outcome.answer)

    async def _greet(self) -> None:
        if not self.client.is_ehlo_or_helo_needed:
            return
        try:
            await self.client.ehlo()
        except SMTPHeloError as fault:
            if fault.code == GOING:
                raise
            await self.client.helo()

    async def _address(self) -> bytes:
        """Name sender and recipients; the mail for those who may have it now, or nothing."""
        beyond_ascii = [one for one in self._concerned if not one.isascii()]
        utf8 = bool(beyond_ascii) or not self._mail.sender_address.isascii()
        if utf8 and not self.client.supports_extension("smtputf8"):
            utf8 = False
            refused = beyond_ascii if self._mail.sender_address.isascii() else self._concerned
            self._refuse(refused, Answer(text=NOT_ASCII))
            self._concerned = [one for one in self._concerned if one not in refused]
        if not self._concerned:
            return b""
        content = self._mail.as_bytes(utf8=utf8)
        encoding = "utf-8" if utf8 else "ascii"
        options = list(self._options(content, utf8=utf8))
        await self.client.mail(self._mail.sender_address, options=options, encoding=encoding)
        self._concerned = [one for one in self._concerned if await self._is_welcome(one, encoding)]
        return content if self._concerned else b""

    def _options(self, content: bytes, *, utf8: bool) -> Iterator[str]:
        if self.client.supports_extension("size"):
            yield f"SIZE={len(content)}"
        if utf8:
            yield from ("SMTPUTF8", "BODY=8BITMIME")

    async def _is_welcome(self, recipient: str, encoding: str) -> bool:
        try:
            await self.client.rcpt(recipient, encoding=encoding)
        except SMTPRecipientRefused as fault:
            if fault.code == GOING or fault.code in LOGIN_CODES:
                raise
            answer = _answer(fault.code, fault.message)
            if fault.code >= PERMANENT and fault.code != TOO_MANY_RECIPIENTS:
                self._refuse([recipient], answer)
            else:
                self.result.put_off = Retry(reason=Reason.SERVER_ERROR, answer=answer)
            return False
        return True

    def _refuse(self, recipients: Iterable[str], answer: Answer) -> None:
        self.result.refused.update(dict.fromkeys(recipients, answer))


def _judge(fault: SMTPException | OSError, step: Step) -> Retry | Dead:
    match fault:
        case SMTPResponseException():
            return _judge_reply(fault, step)
        case ssl.SSLError() | SMTPConnectError(__cause__=ssl.SSLError()):
            return Retry(reason=Reason.TLS, answer=Answer(text=_distrust(fault)))
        case SMTPConnectError():
            is_nameless = isinstance(fault.__cause__, socket.gaierror)
            return Retry(reason=Reason.NETWORK, answer=Answer(text=NAMELESS if is_nameless else UNREACHED))
        case OSError() if step is Step.CONTENT:
            text = "the connection to the mail server broke off; whether it took the mail is not known"
            return Retry(reason=Reason.NETWORK, answer=Answer(text=text))
        case OSError():
            text = f"the connection to the mail server broke off, while {step}"
            return Retry(reason=Reason.NETWORK, answer=Answer(text=text))
        case _ if step is Step.LOGIN:
            return Retry(reason=Reason.UNAUTHORIZED, answer=Answer(text="the mail server offers no login we can make"))
        case _:
            return Retry(reason=Reason.TLS, answer=Answer(text="the mail server offers no STARTTLS"))


def _judge_reply(fault: SMTPResponseException, step: Step) -> Retry | Dead:
    answer = _answer(fault.code, fault.message)
    if fault.code < PASSING:
        return Retry(reason=Reason.NETWORK, answer=Answer(text="the mail server's answer is no SMTP"))
    if step is Step.SECURE:
        return Retry(reason=Reason.TLS, answer=answer)
    if fault.code < PERMANENT or step is Step.CONNECT:
        return Retry(reason=Reason.SERVER_ERROR, answer=answer)
    # A refused login, too, like the 401 of an API and Slack's `invalid_auth`: trying again does not mend it.
    return Dead(reason=Reason.REFUSED, answer=answer)


def _distrust(fault: BaseException) -> str:
    reason = fault if isinstance(fault, ssl.SSLError) else fault.__cause__
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"{UNTRUSTED}: {reason.verify_message.rstrip('.')}"
    return UNTRUSTED


def _answer(code: int, text: str) -> Answer:
    """A reply without the addresses that servers like to put into it."""
    return Answer(status=code, text=shorten(Mask().text(one_line(text)), KEPT))
