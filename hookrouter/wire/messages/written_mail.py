"""A mail as bytes, written so that nothing in it can become anything but text.

The standard library's `EmailMessage` reads what it is given as headers before it writes it: a subject that spells an
encoded word is decoded, and some of its versions write the line breaks in it. So the few headers are written here.
"""

from __future__ import annotations

import quopri
import re
from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, parseaddr

NOWHERE = "hookrouter.invalid"
"""Stands for the sender's domain in names where it cannot be written."""
FIRST_QUOTED = 127
"""From this byte on quoted-printable writes three characters for one; base64 writes four for three."""
LONGEST_PLAIN = 60
LONGEST_NAME = 200
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,150}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMail:
    """One mail to all its recipients.

    Attributes:
        id: the delivery's name, or the digest's: the same for every attempt.
        sender: the address, with or without a name.
        subject: one line.
        html: '' for a mail of plain text.
        list_labels: what mail programs may sort by, from the special to the general.
        thread: mails of one thread have this in common; '' for none.
    """

    id: str
    sender: str
    to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    date: datetime
    list_labels: tuple[str, ...] = ()
    thread: str = ""

    @property
    def sender_address(self) -> str:
        """The sender without the name."""
        return parseaddr(self.sender)[1]

    def as_bytes(self, *, utf8: bool = False) -> bytes:
        """Write it.

        Args:
            utf8: the server takes addresses with letters beyond ASCII (RFC 6531); without it they are left out of
                the headers, for there is no other way to write them.
        """
        headers = "".join(f"{name}: {value}\r\n" for name, value in self._headers(utf8=utf8))
        if not self.html:
            return headers.encode() + _part("plain", self.text)
        border = f"=_{self.id}"  # no encoded text has these characters
        opening = f'{headers}Content-Type: multipart/alternative; boundary="{border}"\r\n\r\n'
        parts = (_part("plain", self.text), _part("html", self.html))
        return (
            opening.encode()
            + b"".join(f"--{border}\r\n".encode() + part for part in parts)
            + f"--{border}--\r\n".encode()
        )

    def _headers(self, *, utf8: bool) -> Iterator[tuple[str, str]]:
        name, address = parseaddr(self.sender)
        domain = address.rpartition("@")[2]
        domain = domain if _DOMAIN.fullmatch(domain) else NOWHERE
        shown = [recipient for recipient in self.to if utf8 or recipient.isascii()]
        yield "From", f"{_phrase(name[:LONGEST_NAME])}\r\n <{address}>" if name else address
        yield "To", ",\r\n ".join(shown) or "undisclosed-recipients:;"
        yield "Subject", _folded("Subject", self.subject)
        yield "Date", format_datetime(self.date)
        yield "Message-ID", f"<{self.id}@{domain}>"
        if self.thread:
            # A mail nobody has sent: mail programs put those that refer to it together all the same.
            yield "References", f"<{self.thread}@{domain}>"
        if self.list_labels:
            yield "List-Id", f"<{'.'.join((*self.list_labels, 'hookrouter', domain))}>"  # RFC 2919
        yield "Auto-Submitted", "auto-generated"  # RFC 3834: no holiday replies, please
        yield "X-Auto-Response-Suppress", "OOF, AutoReply"  # the same, for Exchange
        yield "MIME-Version", "1.0"


def _phrase(name: str) -> str:
    if name.isascii() and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _folded("From", name)


def _folded(name: str, text: str) -> str:
    # Folded as plain text a line changes: a space comes in where there is none.
    if text.isascii() and "=?" not in text and len(text) <= LONGEST_PLAIN:
        return text
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _part(kind: str, text: str) -> bytes:
    """A text in the shorter of the two encodings that leave no line long and no byte beyond ASCII."""
    written = text.encode()
    quoted = sum(byte in b"=" or byte >= FIRST_QUOTED for byte in written)
    is_quoted = 6 * quoted < len(written)
    encoded = quopri.encodestring(written) if is_quoted else encodebytes(written.replace(b"\n", b"\r\n"))
    encoding = "quoted-printable" if is_quoted else "base64"
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + encoded.replace(b"\n", b"\r\n") + b"\r\n"
