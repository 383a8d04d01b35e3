"""Sharing: which of a drain's entries go out alone, which wait to share a message, and the digests that they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hookrouter.domain.burst import LOW, Tide, after, arrival_of
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import gather, latest_of
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import DigestGathered
from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lateness import late_before, why_late
from hookrouter.domain.policy import Digest
from hookrouter.ports.outbox import Outbox, OutboxEntry, Settlement
from hookrouter.usecases.delivering.duty import Duty
from hookrouter.usecases.delivering.gate import Gate
from hookrouter.usecases.delivering.gathering import Gathering
from hookrouter.usecases.delivering.hand import Hand
from hookrouter.usecases.delivering.store_clock import StoreClock

JUDGED_ANEW = timedelta(seconds=10)
"""How long a judgement of what is late holds: counting open time over days is too much work for each entry."""


class Sharing:
    """Decides which of a sink's deliveries become part of a digest: all, those beyond a rate, or the late ones."""

    def __init__(
        self, duty: Duty, outbox: Outbox, digest: Digest, *, clock: StoreClock, gate: Gate, hand: Hand
    ) -> None:
        self._duty = duty
        self._outbox = outbox
        self._clock = clock
        self._gate = gate
        self._hand = hand
        self._gathering = Gathering(digest, duty.digest_key)
        self._expiry = Expiry(duty.hours, duty.policy.expire_after)
        self._tide = LOW

    def __len__(self) -> int:
        """How many wait to share a message."""
        return len(self._gathering)

    @property
    def room(self) -> int:
        """How many more entries to read in one go."""
        return self._gathering.room

    def begin(self, tide: Tide) -> None:
        """Learn how the flow was when the last drain ended."""
        self._tide = tide

    async def take_in(self, entries: Sequence[OutboxEntry]) -> list[Settlement]:
        """Take in hand what goes out alone and keep what shares a message; return the settlements of the rest."""
        going, ended = self._hand.screen(entries)
        now = self._clock.now()
        alone: list[OutboxEntry] = []
        new: list[OutboxEntry] = []
        for entry in going:
            if not entry.delivery.is_of_a_lead:  # such as a report: it tells of many already, and is never late
                alone.append(entry)
                continue
            late = self._expiry.judged(entry.delivery, now)
            if not entry.again:
                new.append(replace(entry, delivery=late))
            elif late.late and not late.members:
                ended.append(self._hand.expire(entry, late.late))
            else:
                alone.append(replace(entry, delivery=late))
        of_new, shared = await self._told_apart(new, now)
        self._hand.put([*alone, *of_new])
        self._gathering.take_in(shared)
        held, ended_since = self._hand.screen(self._gathering.take_back(self._gate.is_shut))
        self._gathering.take_in(held)
        return ended + ended_since

    async def _told_apart(
        self, entries: Sequence[OutboxEntry], now: datetime
    ) -> tuple[list[OutboxEntry], list[OutboxEntry]]:
        """Tell new entries that go out alone from those that share a message; return both."""
        policy = self._duty.policy
        if policy.digest is not None:
            return [], list(entries)
        fresh = [entry for entry in entries if not entry.delivery.late]
        if policy.burst is not None:
            arrivals = [arrival_of(entry.id, entry.delivery) for entry in fresh]
            tide = after(self._tide, arrivals, policy.burst, now)
            if tide is not self._tide and not await self._is_ours(tide):
                return [], []  # the lease was lost: another drain reads them again
            self._tide = tide
            fresh = [entry for entry in fresh if tide.goes_alone(entry.id)]
        names = {entry.id for entry in fresh}
        return fresh, [entry for entry in entries if entry.id not in names]

    async def _is_ours(self, tide: Tide) -> bool:
        """Store the flow for the next drain, if Redis can be reached; False if the lease was lost."""
        try:
            return await self._outbox.keep_tide(tide)
        except StoreAway:  # what was read is in hand here and nowhere else, so it goes on
            return True

    async def form(self, *, is_idle: bool) -> tuple[int, bool]:
        """Make digests of the deliveries that are due; return how many, and whether the lease is still held.

        While the far side is being probed one digest is enough, and only if nothing else can probe it: what arrives
        meanwhile shares a message with those that wait.
        """
        formed = 0
        while not self._gate.is_probing or (is_idle and not formed):
            group = self._gathering.take_due(self._clock.now())
            if not group:
                break
            members = [entry.delivery for entry in group]
            digest = gather(latest_of(members) if self._hand.keeps_the_latest else members)
            if not await self._outbox.gather(group, digest):
                return formed, False
            formed += 1
            gathered = DigestGathered(push=digest.push, sink=self._duty.sink, delivery=digest.id, deliveries=len(group))
            self._duty.observer.report(gathered)
        return formed, True


class Expiry:
    """Tells which deliveries are too late to be news."""

    def __init__(self, hours: Hours, expire_after: timedelta | None) -> None:
        """Know the routes' times; without `expire_after` everything stays news for ever."""
        self._hours = hours
        self._expire_after = expire_after
        self._before: dict[RouteName, tuple[datetime, datetime | None]] = {}

    def judged(self, delivery: Delivery, now: datetime) -> Delivery:
        """The delivery with the reason why it is late, if it is; a digest has its members judged."""
        if self._expire_after is None:
            return delivery
        if delivery.members:
            return replace(delivery, members=tuple(self.judged(member, now) for member in delivery.members))
        if delivery.late or delivery.received_at > now - self._expire_after:
            return delivery
        before = self._late_before(delivery.route, now)
        if before is None or delivery.received_at >= before:
            return delivery
        return replace(delivery, late=why_late(delivery))

    def _late_before(self, route: RouteName, now: datetime) -> datetime | None:
        known = self._before.get(route)
        if known is None or not timedelta() <= now - known[0] < JUDGED_ANEW:
            assert self._expire_after is not None  # noqa: S101 - `judged` asked
            self._before[route] = known = (now, late_before(self._hours.times.get(route), now, self._expire_after))
        return known[1]
