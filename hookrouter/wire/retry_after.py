"""The Retry-After header (RFC 9110 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=365)
"""No answer can park a delivery longer than this, whatever number it sends."""


def read_retry_after(text: str | None, now: datetime, said_at: str | None = None) -> timedelta | None:
    """How long the far side asks to wait: seconds or an HTTP date; None if it says nothing of use.

    Args:
        text: the header, if there is one.
        now: by our clock.
        said_at: the answer's Date, if it has one: a date is counted from there, whosever clock is wrong.
    """
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) < len("99999999") else LONGEST
    until = _moment(text)
    if until is None:
        return None
    try:
        wait = until - ((_moment(said_at) if said_at else None) or now)
    except OverflowError:
        return None
    return min(wait, LONGEST) if wait > timedelta() else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
