"""Moments as people write them: a time, or how far it is from now."""

from __future__ import annotations

from datetime import datetime

import click

from hookrouter.wire.moments import Said, ahead_of, back_from, read_said


def read_moment(text: str) -> Said:
    """Read `2h` or `2026-11-25T08:00`; without a zone it is UTC."""
    try:
        return read_said(text)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None


def ahead(said: Said, now: datetime, option: str = "--until") -> datetime:
    """The moment that is meant, which must lie ahead."""
    try:
        return ahead_of(now, said)
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint=option) from None


def behind(said: Said | None, now: datetime) -> datetime | None:
    """The moment that is meant, which must lie behind us."""
    moment = back_from(now, said)
    if moment is not None and moment > now:
        raise click.BadParameter("this moment is yet to come", param_hint="--since")
    return moment


def span(since: Said | None, until: Said | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The span of time that is meant, which lies behind us."""
    start, end = back_from(now, since), back_from(now, until)
    if start is not None and end is not None and start >= end:
        raise click.UsageError("--since must lie before --until")
    return start, end
