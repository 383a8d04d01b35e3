"""Which part of a lead's history a route gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from hookrouter.domain.lead import Json, crm_time
from hookrouter.domain.routing import Enrichment

MOST_EVENTS = 100
"""Events of a history that a message carries; the newest."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def newest_events(
    events: Sequence[Mapping[str, Json]], enrichment: Enrichment, now: datetime
) -> tuple[Mapping[str, Json], ...]:
    """The newest first, of the sources and no older than asked for.

    The CRM gives them grouped by source, not by time (crm-api 5.2); one without a time counts as the oldest.
    """
    if not enrichment.timeline:
        return ()
    timed = [
        (crm_time(event.get("createTimestamp")) or _NEVER, event)
        for event in events
        if not enrichment.sources or event.get("eventSource") in enrichment.sources
    ]
    if enrichment.last is not None:
        timed = [(moment, event) for moment, event in timed if moment >= now - enrichment.last]
    timed.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(event for _, event in timed[:MOST_EVENTS])
