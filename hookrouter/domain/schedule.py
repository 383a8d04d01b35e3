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
"""The ceiling of the wait after the first, second, … attempt; the last one stands for all later ones."""

SHORTEST_WAIT = timedelta(seconds=1)
"""Full jitter can roll a wait of nothing, and a Retry-After ask for one: a sink that is down must not be hammered."""

RETRY_FOR = timedelta(days=3)
LONGEST_RETRY_AFTER = timedelta(hours=24)
"""A Retry-After beyond this is taken as this: a sink must not park a lead for good by one header."""


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
        delivery: with the attempt counted.
        now: the moment after the attempt.
        roll: from 0 to 1; full jitter: the wait is this part of the schedule's ceiling, but `SHORTEST_WAIT` at least.
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
    """How long to wait after so many attempts, of which the last was asked to wait for `after`."""
    ceiling = DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]
    spread = max(ceiling * roll, SHORTEST_WAIT)
    if after is None:
        return spread
    return max(spread, min(after, LONGEST_RETRY_AFTER))
