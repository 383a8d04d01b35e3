"""The health of leads' clocks: whether those that are due are looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from hookrouter.domain.health import Part, Status
from hookrouter.domain.spans import span_in_words

LATE = timedelta(minutes=5)
"""The kick rings every two seconds, and a busy worker may take a while."""


def clocks_part(running: int, due_since: datetime | None, now: datetime) -> Part:
    """How many leads are waited for, and a warning when reminders come late."""
    late = timedelta() if due_since is None else now - due_since
    if late <= LATE:
        return Part(name="follow_ups", status=Status.PASS, value=running, unit="leads")
    advice = f"the first should have been looked at {span_in_words(late.total_seconds())} ago; look at the workers' log"
    return Part(name="follow_ups", status=Status.WARN, value=running, unit="leads", advice=advice)
