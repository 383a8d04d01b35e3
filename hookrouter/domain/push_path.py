"""The way of a push from the CRM to us, end to end: what the canary tells of it, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hookrouter.domain.canary import Canary
from hookrouter.domain.rhythm import Quiet

LOOK_EVERY = timedelta(minutes=1)
"""How often a quiet is judged."""
LOOK_FOR_IT_EVERY = timedelta(seconds=3)
"""How often a canary is looked for, or a receiver: without one the CRM is not asked to push, nor a canary sent."""
ASKED_AGAIN = timedelta(minutes=30)
"""While an improbable quiet goes on."""
TRIED_AGAIN = timedelta(minutes=10)
"""While the canary cannot be written, or does not come back."""
RENEWED_AGAIN = timedelta(hours=6)
"""The CRM adds a subscription with each call, and its API can end none: four a day at most, however long it is silent.
An equal push by another of them is a duplicate and dropped."""


class Verdict(StrEnum):
    """What is known of the way."""

    UNKNOWN = "unknown"  # no canary was sent yet
    OPEN = "open"  # the last canary came back
    BROKEN = "broken"  # it did not come back, nor did anything else
    UNECHOED = "unechoed"  # other pushes came, it did not
    UNWRITTEN = "unwritten"  # the CRM did not take it
    REFUSED = "refused"  # its push came, and we did not take it


class Step(StrEnum):
    """What is to be done."""

    WAIT = "wait"
    SEND = "send"
    GIVE_UP = "give up"
    SUBSCRIBE = "subscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """What may have kept a push from us; proven when it was the canary's own."""

    text: str
    is_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What is known of the way.

    Attributes:
        verdict: by the last canary that is over.
        mark: the canary that is on its way, or was last.
        sent_at: when it was written.
        took: how long the last one took that came back, in seconds.
        back_at: when that was.
        reason: why the last could not be written, or what may have kept its push from us.
        broken_since: when the first of those was sent that do not come back.
        renewed_at: when the CRM was last asked to push because of it.
    """

    verdict: Verdict = Verdict.UNKNOWN
    mark: str = ""
    is_waiting: bool = False
    sent_at: datetime | None = None
    took: float | None = None
    back_at: datetime | None = None
    reason: str = ""
    broken_since: datetime | None = None
    renewed_at: datetime | None = None

    def next_step(self, canary: Canary, quiet: Quiet | None, now: datetime, *, may_subscribe: bool) -> Step:
        """What is to be done now."""
        if self.is_waiting:
            return Step.GIVE_UP if now >= self._given_up_at(canary) else Step.WAIT
        if may_subscribe and self._should_subscribe(now):
            return Step.SUBSCRIBE
        return Step.SEND if self._is_due(canary, quiet, now) else Step.WAIT

    def _is_due(self, canary: Canary, quiet: Quiet | None, now: datetime) -> bool:
        """Whether another canary is to be sent."""
        if self.sent_at is None:
            return True
        pause = canary.every
        if self.verdict in (Verdict.BROKEN, Verdict.REFUSED, Verdict.UNWRITTEN):
            pause = min(pause, TRIED_AGAIN)
        elif quiet is not None and quiet.is_improbable:
            if self.sent_at < quiet.since:
                return True  # nothing was asked since it began
            pause = min(pause, ASKED_AGAIN)
        return now >= self.sent_at + pause

    def _should_subscribe(self, now: datetime) -> bool:
        return self.verdict is Verdict.BROKEN and (self.renewed_at is None or now >= self.renewed_at + RENEWED_AGAIN)

    def look_again_at(self, canary: Canary, now: datetime) -> datetime:
        """When to look again; while a canary is on its way it is looked for every few seconds."""
        return now + (min(LOOK_FOR_IT_EVERY, canary.within) if self.is_waiting else LOOK_EVERY)

    def _given_up_at(self, canary: Canary) -> datetime:
        return (self.sent_at or datetime.min.replace(tzinfo=UTC)) + canary.within

    def sent(self, mark: str, at: datetime) -> Path:
        """With a canary on its way."""
        return replace(self, mark=mark, sent_at=at, is_waiting=True)

    def not_written(self, reason: str, at: datetime) -> Path:
        """With one that the CRM did not take."""
        return replace(self, verdict=Verdict.UNWRITTEN, sent_at=at, is_waiting=False, reason=reason)

    def came_back(self, at: datetime) -> Path:
        """With the one back that was on its way, which shows that the way is open."""
        took = max(timedelta(), at - (self.sent_at or at)).total_seconds()
        return replace(
            self, verdict=Verdict.OPEN, is_waiting=False, took=took, back_at=at, broken_since=None, reason=""
        )

    def lost(self, last_push: datetime | None, hindrance: Hindrance | None = None) -> Path:
        """With the one given up that was on its way; what else came meanwhile tells why."""
        over = replace(self, is_waiting=False, reason="" if hindrance is None else hindrance.text)
        if last_push is not None and self.sent_at is not None and last_push >= self.sent_at:
            return replace(over, verdict=Verdict.UNECHOED, broken_since=None)
        is_ours = hindrance is not None and hindrance.is_proven
        verdict = Verdict.REFUSED if is_ours else Verdict.BROKEN
        return replace(over, verdict=verdict, broken_since=self.broken_since or self.sent_at)

    def renewed(self, at: datetime) -> Path:
        """With the CRM asked anew to push; the next canary, which is due, tells whether it does."""
        return replace(self, renewed_at=at, sent_at=None)
