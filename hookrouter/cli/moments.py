"""Moments as people say them: a time, or how far it is from now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from hookrouter.wire.config.duration import read_duration

Said = datetime | timedelta
"""A moment, or its distance from now."""


def read_moment(text: str) -> Said:
    """Read `2h` or `2026-11-25T08:00`; without a zone it is UTC."""
    try:
        return read_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is neither a duration such as 2h nor a time such as 2026-11-25T08:00"
        ) from None


def ahead(said: Said, now: datetime, option: str = "--until") -> datetime:
    """The moment that is meant, which must lie ahead."""
    moment = now + said if isinstance(said, timedelta) else said
    if moment <= now:
        raise click.BadParameter("this moment is over", param_hint=option)
    return moment


def behind(said: Said | None, now: datetime) -> datetime | None:
    """The moment that is meant, which must lie behind us."""
    moment = _back(said, now)
    if moment is not None and moment > now:
        raise click.BadParameter("this moment is yet to come", param_hint="--since")
    return moment


def span(since: Said | None, until: Said | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The span of time that is meant, which lies behind us."""
    start, end = _back(since, now), _back(until, now)
    if start is not None and end is not None and start >= end:
        raise click.UsageError("--since must lie before --until")
    return start, end


def _back(said: Said | None, now: datetime) -> datetime | None:
    return now - said if isinstance(said, timedelta) else said
