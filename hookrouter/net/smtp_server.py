"""The mail server that e-mail sinks send through."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class MailTls(StrEnum):
    """How the connection to the mail server is secured."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    sender: str
    tls: MailTls = MailTls.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
