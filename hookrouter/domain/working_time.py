"""Working time: a span that is counted only while a time of the week is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hookrouter.domain.conditions.during import During


def moment_after(began: datetime, span: timedelta, time: During | None) -> datetime | None:
    """The moment at which so much working time has passed; None when that never comes.

    It is a moment at which the time is open: what would end when it closes ends when it opens again.

    Args:
        began: from when on it is counted.
        span: how much.
        time: in which it is counted; None counts always.
    """
    if time is None:
        return began.astimezone(UTC) + span
    at, left = began, span
    while (opens := time.opens(at)) is not None:
        closes = time.closes(opens)
        if closes is None or closes - opens > left:
            return opens + left
        at, left = closes, left - (closes - opens)
    return None
