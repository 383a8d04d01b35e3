"""A mail before it has a sender and a date; that of a report, and of an alert, among them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hookrouter.domain.alert import Alert
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import Json
from hookrouter.domain.report import Report
from hookrouter.wire.messages import alert_text
from hookrouter.wire.messages.plain_text import one_line, printable, shorten
from hookrouter.wire.messages.report_html import html
from hookrouter.wire.messages.report_text import headline, plain

LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailText:
    """A mail before it has a sender and a date.

    Attributes:
        id: the delivery's, or the digest's.
        labels: what mail programs may sort it by: the route, unless it is a digest, and the sink.
        thread: what all mails about one lead have in common; '' for a digest.
    """

    id: str
    to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    labels: tuple[str, ...]
    thread: str = ""

    def preview(self) -> Json:
        """Recipients, subject and both texts."""
        return {"to": list(self.to), "subject": self.subject, "text": self.text, "html": self.html}

    def as_test(self, note: str) -> EmailText:
        """With the note before subject and texts."""
        html = f"<p><strong>{note}</strong></p>\n{self.html}" if self.html else ""
        return replace(self, subject=subject_of(f"{note}: {self.subject}"), text=f"{note}\n\n{self.text}", html=html)


def report_mail(delivery: Delivery, report: Report, to: tuple[str, ...]) -> EmailText:
    """A report as a mail."""
    return EmailText(
        id=delivery.id,
        to=to,
        subject=subject_of(headline(report)),
        text=printable(plain(report)),
        html=html(report),
        labels=(delivery.route, delivery.sink),
    )


def alert_mail(delivery: Delivery, alert: Alert, to: tuple[str, ...]) -> EmailText:
    """An alert as a mail, in one thread with what is told of the same thing later."""
    return EmailText(
        id=delivery.id,
        to=to,
        subject=subject_of(alert_text.headline(alert)),
        text=alert_text.plain(alert),
        html=alert_text.html(alert),
        labels=(delivery.route, delivery.sink),
        thread=f"a_{delivery.lead_key}",
    )


def subject_of(text: str) -> str:
    """A text as a subject."""
    return shorten(printable(one_line(text)), LONGEST_SUBJECT)
