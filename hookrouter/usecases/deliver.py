"""Deliver: send what waits in one sink's outbox, many at once, and write what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.echo import Discretion
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import DeliveryAttempted, LeaseLost, NeighbourFailed
from hookrouter.domain.ids import EntryId, SinkName
from hookrouter.domain.order import Lanes
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.schedule import next_step
from hookrouter.domain.visible import as_allowed
from hookrouter.ports.sinks import Sinks
from hookrouter.ports.streams import Attempt, Outbox, OutboxEntry, Settlement
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.wire.template import RenderingFailed

READ_AHEAD = 8
"""Entries held in hand for each place of a sink's concurrency, so that no place waits for Redis."""
SETTLED_AT_ONCE = 64
SETTLED_WITHIN = 0.02
"""How many outcomes are written in one step when more attempts follow, and the seconds one may wait for the others."""
PAUSE_WITHOUT_STORE = 0.5
"""Seconds between tries while Redis is away; outcomes are kept in hand meanwhile."""
LOOK_AGAIN = 0.1
"""Seconds between looks into an outbox while slow answers are awaited."""
RENEW_EVERY = 5.0
"""Seconds; a third of a lease's life."""
PROMOTE_EVERY = 1.0
"""Seconds between looks for retries that are due."""
GRACE = 5.0
"""Seconds beyond its time-out after which an attempt is cut off: a sink keeps its own, unless it is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverOutbox:
    """Serves outboxes; `should_stop` turns true when the process is to end, `discretion` sees to what is kept."""

    sinks: Sinks
    policies: Callable[[SinkName], SinkPolicy]
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    discretion: Discretion = field(default_factory=Discretion)

    async def drain(self, outbox: Outbox, sink: SinkName, bell: asyncio.Event) -> None:
        """Serve a leased outbox until nothing waits and nothing is under way.

        Args:
            outbox: under a lease, which is renewed but not given back.
            sink: whose outbox it is.
            bell: set by whoever knows of new entries.
        """
        await _Drain(self, outbox, sink, bell).run()

    async def attempt(self, delivery: Delivery, policy: SinkPolicy) -> Outcome:
        """Render and send once; whatever the sink does, an outcome comes back."""
        sink = self.sinks.find(delivery.sink, delivery.route)
        if sink is None:
            return Dead(reason=Reason.NO_SUCH_SINK)
        try:
            message = sink.render(as_allowed(delivery, policy))
            outcome = await sink.send(delivery, message)
        except RenderingFailed as fault:
            return Dead(reason=Reason.RENDERING, answer=Answer(text=str(fault)))
        except Exception as fault:  # noqa: BLE001 - a plug-in's door: its defect must cost neither the delivery nor the drain
            return Retry(reason=Reason.BROKEN, answer=Answer(text=f"the sink failed with {type(fault).__name__}"))
        if not isinstance(outcome, Delivered | Retry | Dead):
            return Retry(reason=Reason.BROKEN, answer=Answer(text="the sink did not say what came of it"))
        return outcome


class _Drain:
    """One drain of one outbox, from its first read to its end."""

    def __init__(self, deliver: DeliverOutbox, outbox: Outbox, sink: SinkName, bell: asyncio.Event) -> None:
        self._deliver = deliver
        self._clock = deliver.clock
        self._outbox = outbox
        self._sink = sink
        self._bell = bell
        self._policy = deliver.policies(sink)
        self._lanes: Lanes[OutboxEntry] = Lanes()
        self._places: dict[asyncio.Task[None], float] = {}
        self._cut_off: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None
        self._is_over = False
        self._is_store_away = False
        self._patience = self._policy.timeout.total_seconds() + GRACE
        self._settled: list[Settlement] = []
        self._last_read: EntryId | None = None
        self._renew_at = self._clock.monotonic() + RENEW_EVERY
        self._promote_at = 0.0

    async def run(self) -> None:
        try:
            while await self._turn():
                await self._wait_for_bell()
        finally:
            self._is_over = True
            for place in self._places:
                place.cancel()

    async def _turn(self) -> bool:
        """Settle, read and send whatever can be; False when the drain is over."""
        self._bell.clear()
        if self._fault is not None:
            raise self._fault
        try:
            if not await self._keep_lease() or not await self._settle():
                self._deliver.observer.report(LeaseLost(stream=f"outbox:{self._sink}"))
                return False
            found = 0 if self._deliver.should_stop() else await self._read()
        except StoreAway as fault:
            if not self._is_store_away:
                self._deliver.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
            self._is_store_away = True
            self._renew_at = 0.0
            await asyncio.sleep(PAUSE_WITHOUT_STORE)
            return not (self._deliver.should_stop() and not self._places)
        self._is_store_away = False
        self._cut_off_overdue()
        self._fill_places()
        return bool(found or self._places or self._settled)

    async def _keep_lease(self) -> bool:
        if self._clock.monotonic() < self._renew_at:
            return True
        self._renew_at = self._clock.monotonic() + RENEW_EVERY
        return await self._outbox.renew()

    async def _settle(self) -> bool:
        if not self._settled:
            return True
        batch = self._settled[:]
        kept = await self._outbox.settle(batch)
        del self._settled[: len(batch)]
        return kept

    async def _read(self) -> int:
        if self._clock.monotonic() >= self._promote_at:
            self._promote_at = self._clock.monotonic() + PROMOTE_EVERY
            await self._outbox.promote()
        room = self._policy.concurrency * READ_AHEAD - len(self._lanes)
        if room < self._policy.concurrency * READ_AHEAD // 2:
            return 0
        entries = await self._outbox.read(self._last_read, room)
        for entry in entries:
            self._last_read = entry.id
            self._lanes.put(entry.delivery.lead_key, entry)
        return len(entries)

    def _fill_places(self) -> None:
        for _ in range(min(self._policy.concurrency - len(self._places), self._lanes.ready)):
            place = asyncio.create_task(self._serve())
            self._places[place] = self._clock.monotonic()
            place.add_done_callback(self._leave)

    def _leave(self, place: asyncio.Task[None]) -> None:
        del self._places[place]
        self._cut_off.discard(place)
        if not place.cancelled() and (fault := place.exception()) is not None:
            self._fault = fault
            self._bell.set()

    def _cut_off_overdue(self) -> None:
        """End attempts whose sink forgot its own time-out; the oldest stand first."""
        latest_start = self._clock.monotonic() - self._patience
        for place, started in self._places.items():
            if started > latest_start:
                return
            self._cut_off.add(place)
            place.cancel()

    async def _serve(self) -> None:
        """Attempt one delivery after the other until none is ready."""
        place = cast("asyncio.Task[None]", asyncio.current_task())
        while not self._deliver.should_stop() and (turn := self._lanes.take()) is not None:
            del self._places[place]  # and in again at the end, where the youngest stand
            self._places[place] = self._clock.monotonic()
            try:
                await self._attempt(place, turn[1])
            finally:
                self._lanes.done(turn[0])

    async def _attempt(self, place: asyncio.Task[None], entry: OutboxEntry) -> None:
        began, now = self._clock.monotonic(), self._clock.now()
        delivery = entry.delivery.with_attempt(now)
        try:
            outcome = await self._deliver.attempt(delivery, self._policy)
        except asyncio.CancelledError:
            if self._is_over:
                raise
            # Cut off by us, or by a plug-in's confusion; the place goes on either way.
            outcome = Retry(reason=Reason.TIMEOUT if place in self._cut_off else Reason.BROKEN)
            self._cut_off.discard(place)
            while place.cancelling():
                place.uncancel()
        outcome = self._deliver.discretion.about(outcome, delivery, self._policy.secrets)
        attempt = Attempt(at=now, seconds=self._clock.monotonic() - began, outcome=outcome)
        ended = self._clock.now()
        step = next_step(outcome, delivery, now=ended, roll=self._clock.roll(), retry_for=self._policy.retry_for)
        left = delivery.with_rest_of(outcome)
        self._settled.append(Settlement(entry=entry.id, delivery=left, attempt=attempt, step=step))
        if len(self._settled) >= SETTLED_AT_ONCE or not len(self._lanes):
            self._bell.set()
        lead_seconds = (ended - delivery.received_at).total_seconds()
        self._deliver.observer.report(_attempted(delivery, attempt, lead_seconds))

    async def _wait_for_bell(self) -> None:
        if self._bell.is_set():
            return
        try:
            async with asyncio.timeout(SETTLED_WITHIN if self._settled else LOOK_AGAIN):
                await self._bell.wait()
        except TimeoutError:
            return


def _attempted(delivery: Delivery, attempt: Attempt, lead_seconds: float) -> DeliveryAttempted:
    outcome = attempt.outcome
    return DeliveryAttempted(
        push=delivery.push,
        delivery=delivery.id,
        route=delivery.route,
        sink=delivery.sink,
        attempt=delivery.attempts,
        outcome=type(outcome).__name__.lower(),
        reason="" if isinstance(outcome, Delivered) else outcome.reason,
        status=outcome.answer.status,
        seconds=attempt.seconds,
        lead_seconds=lead_seconds,
    )
