"""The Retry-After header (RFC 9110 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=365)
"""No answer can park a delivery longer than this, whatever number it sends."""


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """How long the far side asks to wait: seconds or an HTTP date; None if it says nothing of use."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) < len("99999999") else LONGEST
    try:
        moment = parsedate_to_datetime(text)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(wait, LONGEST) if wait > timedelta() else None
