"""Moments as people say them: `2h`, which is so far from now, or `2026-11-25T08:00`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hookrouter.wire.config.duration import read_duration

Said = datetime | timedelta
"""A moment, or its distance from now."""


def read_said(text: str) -> Said:
    """Read what somebody says; without a zone it is UTC.

    Raises:
        ValueError: when it is neither a duration nor a time.
    """
    try:
        return read_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is neither a duration such as 2h nor a time such as 2026-11-25T08:00") from None


def ahead_of(now: datetime, said: Said) -> datetime:
    """The moment that is meant, which must lie ahead.

    Raises:
        ValueError: when it is over.
    """
    moment = now + said if isinstance(said, timedelta) else said
    if moment <= now:
        raise ValueError("this moment is over")
    return moment


def back_from(now: datetime, said: Said | None) -> datetime | None:
    """The moment that is meant, a duration being so long ago."""
    return now - said if isinstance(said, timedelta) else said
