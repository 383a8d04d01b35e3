"""Moments as records have them: milliseconds where there are many, text where people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def in_milliseconds(moment: datetime) -> int:
    """A moment as a number."""
    return round(moment.timestamp() * 1000)


def of_milliseconds(milliseconds: int) -> datetime:
    """What `in_milliseconds` wrote."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def in_text(moment: datetime | None) -> str | None:
    """A moment, if there is one, as ISO 8601 writes it."""
    return None if moment is None else moment.isoformat()


def of_text(text: Any) -> datetime | None:
    """What `in_text` wrote. Raises ValueError or TypeError for what it never wrote."""
    return None if text is None else datetime.fromisoformat(text)
