"""How a sink is to be treated, whatever its type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.burst import Burst
from hookrouter.domain.fallback import Fallback
from hookrouter.domain.order import Order
from hookrouter.domain.schedule import RETRY_FOR

MOST_IN_A_DIGEST = 500
"""Nobody reads more, and every one of them keeps its name and its link within a mail that servers take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Gather deliveries into one message, sent `every` so often, or earlier when there are as many as `most`.

    `by` is the field of the lead that all of one message have in common; None when they need have none.
    """

    every: timedelta
    most: int
    by: str | None = None

    def is_due(self, count: int, since: datetime | None, now: datetime) -> bool:
        """Whether as many deliveries, the first of them added at a moment, go out now."""
        return count >= self.most or (since is not None and now >= since + self.every)


MOST_IN_A_SUMMARY = 5000
"""A summary counts its leads and names the first: it may be of as many as an import has."""
LEAST_SUMMARY = timedelta(minutes=1)
LONGEST_SUMMARY = timedelta(minutes=15)
"""How long a burst, or what comes late, is gathered: the time of its rate, within these."""


def summary_of(burst: Burst | None) -> Digest:
    """How deliveries are gathered that go out one by one unless they are too many, or too late."""
    per = LEAST_SUMMARY if burst is None else burst.per
    return Digest(every=min(max(per, LEAST_SUMMARY), LONGEST_SUMMARY), most=MOST_IN_A_SUMMARY)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkPolicy:
    """What every sink may say.

    Attributes:
        concurrency: how many deliveries may be under way at once.
        timeout: the longest one attempt may take in all.
        connect_timeout: the longest it may take to connect; None means no other limit than `timeout`.
        read_timeout: the longest it may wait for the next byte, likewise.
        retry_for: how long after the first attempt a delivery may still be tried.
        only: the lead's fields that this sink may see; None means all.
        digest: how deliveries are gathered; None means a message each.
        burst: how many may go out one by one before the others are gathered; None means all.
        expire_after: how long a delivery is news; what is older becomes a part of a digest. None means for ever.
        order: what a lead's later deliveries do while an earlier one waits for its next attempt.
        rate_limit: the most attempts a second, of all workers together; None means as many as there are.
        fallback: where its deliveries go when it has been dead for long; None means they wait.
        rate_place: the far side whose rate it is, if it is not the sink's own: other sinks may lead there too.
        shards: over how many streams its deliveries are spread, each served by one worker at a time.
        secrets: what must not stand in an answer that is kept, the longest first.
    """

    concurrency: int = 32
    timeout: timedelta = timedelta(seconds=10)
    connect_timeout: timedelta | None = None
    read_timeout: timedelta | None = None
    retry_for: timedelta = RETRY_FOR
    only: tuple[str, ...] | None = None
    digest: Digest | None = None
    burst: Burst | None = None
    expire_after: timedelta | None = None
    order: Order = Order.NONE
    rate_limit: float | None = None
    fallback: Fallback | None = None
    rate_place: str = ""
    shards: int = 1
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def gathers(self) -> Digest | None:
        """How deliveries are gathered, be it all of them, those beyond a rate, or the late ones; None when none are."""
        if self.digest is None and (self.burst is not None or self.expire_after is not None):
            return summary_of(self.burst)
        return self.digest
