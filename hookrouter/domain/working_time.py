"""Working time: a span that counts only while a time of the week is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hookrouter.domain.calendar import FARTHEST
from hookrouter.domain.conditions.during import During

LONGEST = timedelta(days=FARTHEST)


def moment_after(began: datetime, span: timedelta, time: During | None) -> datetime | None:
    """The moment at which so much working time has passed; None when that never comes, or not for ten years.

    It is a moment at which the time is open: what would end when it closes ends when it opens again.

    Args:
        began: from when on it is counted.
        span: how much.
        time: in which it is counted; None counts always.
    """
    if time is None:
        return began.astimezone(UTC) + span
    at, left = began, span
    while at - began < LONGEST and (opens := time.opens(at)) is not None:
        closes = time.closes(opens, left.days + 1)  # later is of no account, and to look for it is work
        if closes is None or closes - opens > left:
            return opens + left
        at, left = closes, left - (closes - opens)
    return None
