"""When a message is too old to be told as news; only the time in which its route was open counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from hookrouter.domain.conditions.during import During
from hookrouter.domain.delivery import Delivery

FARTHEST = timedelta(days=366)
"""How far it is looked back for open time; a route that is open for less than that in a year has no late messages."""
UNDELIVERED = "undelivered"
"""Why a message is late of which no attempt failed: its sink was paused or left alone, or no worker ran."""


def late_before(time: During | None, now: datetime, expire_after: timedelta) -> datetime | None:
    """What was received before this moment is late at `now`; None when nothing is.

    Args:
        time: when its route's messages may go out; None means always.
        now: the moment.
        expire_after: how long a message is news while its route is open.
    """
    if time is None:
        return now - expire_after
    back = max(2 * expire_after, timedelta(days=7))
    while back <= 2 * FARTHEST:
        if (moment := _backwards(_open_spans(time, now - back, now), expire_after)) is not None:
            return moment
        back *= 4
    return None


def why_late(delivery: Delivery) -> str:
    """Why a delivery comes late, in one word: what its last attempt failed of, if there was one."""
    return delivery.tries[-1].reason if delivery.tries else UNDELIVERED


def _backwards(spans: list[tuple[datetime, datetime]], left: timedelta) -> datetime | None:
    """The moment that lies so much open time before the end."""
    for opens, closes in reversed(spans):
        if closes - opens >= left:
            return closes - left
        left -= closes - opens
    return None


def _open_spans(time: During, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    spans: list[tuple[datetime, datetime]] = []
    moment: datetime | None = since
    while moment is not None and moment < until:
        opens = time.opens(moment)
        if opens is None or opens >= until:
            break
        closes = time.closes(opens)
        spans.append((opens, until if closes is None else min(closes, until)))
        moment = closes
    return spans
