"""A local mail server that answers as it is told, for tests of mail; needs the package aiosmtpd."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

TAKEN = "250 taken"


@dataclass(slots=True)
class Mailbox:
    """What came in, and what is answered.

    Attributes:
        refuse: replies to RCPT TO by address.
        reply: the reply to a whole mail.
        password: what a login must bring, if one is asked for.
        smtputf8: addresses may have letters beyond ASCII.
        mails: the envelopes taken.
        secured: for each envelope whether it came over TLS.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    reply: str = TAKEN
    password: str = ""
    smtputf8: bool = False
    mails: list[Envelope] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        del server, session, rcpt_options
        if reply := self.refuse.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Take or refuse a mail."""
        del server
        if self.reply == TAKEN:
            self.mails.append(envelope)
            self.secured.append(session.ssl is not None)
        return self.reply

    def judge_login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        """Whether a login brings the right password."""
        del server, session, envelope, mechanism
        right = isinstance(login, LoginPassword) and login.password == self.password.encode()
        return AuthResult(success=right, handled=right)


@asynccontextmanager
async def mail_server(
    box: Mailbox, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Mailbox]:
    """Serve on a free port of 127.0.0.1, told by `port`."""

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a login without TLS: on this machine it harms nobody
            return SMTP(
                box,
                hostname="mail.test",
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=bool(box.password),
                auth_require_tls=False,
                authenticator=box.judge_login,
                enable_SMTPUTF8=box.smtputf8,
            )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    box.port = int(server.sockets[0].getsockname()[1])
    async with server:
        yield box
        await asyncio.sleep(0.02)  # lets the last connection close
