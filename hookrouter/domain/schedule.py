"""When a delivery that failed is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.outcome import Dead, Delivered, Outcome, Reason, Retry

DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
)
"""The ceilings of the waits after the first, second, … attempt; the last one holds for all later ones."""

SHORTEST_WAIT = timedelta(seconds=1)
"""Full jitter may roll no wait at all and a Retry-After may ask for none, but a sink that is down is not hammered."""

RETRY_FOR = timedelta(days=3)
LONGEST_RETRY_AFTER = timedelta(hours=24)
"""A longer Retry-After counts as this: a sink must not be able to park a lead for good with one header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The delivery is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The delivery is tried again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury:
    """The delivery becomes a dead letter."""

    reason: Reason


FINISH = Finish()
Step = Finish | Wait | Bury
"""What an attempt leads to."""


def next_step(
    outcome: Outcome, delivery: Delivery, *, now: datetime, roll: float, retry_for: timedelta = RETRY_FOR
) -> Step:
    """Decide what becomes of a delivery after an attempt.

    Args:
        outcome: what the attempt came to.
        delivery: the delivery, with this attempt counted.
        now: the moment after the attempt.
        roll: from 0 to 1, for full jitter: the wait is this part of the schedule's ceiling, but at least
            `SHORTEST_WAIT`.
        retry_for: how long after the first attempt it may still be tried.
    """
    match outcome:
        case Delivered():
            return FINISH
        case Dead(reason=reason):
            return Bury(reason=reason)
        case Retry(reason=reason, after=after):
            until = now + wait_after(delivery.attempts, after, roll)
            first = delivery.first_attempt_at or now
            return Bury(reason=reason) if until > first + retry_for else Wait(until=until)


def wait_after(attempts: int, after: timedelta | None, roll: float) -> timedelta:
    """How long to wait after this many attempts, if the far side then asked for a wait of `after`."""
    ceiling = DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]
    spread = max(ceiling * roll, SHORTEST_WAIT)
    if after is None:
        return spread
    return max(spread, min(after, LONGEST_RETRY_AFTER))
