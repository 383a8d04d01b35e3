"""Deliver: send what waits in one sink's outbox, many at once, and write what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import shared_by
from hookrouter.domain.echo import Discretion
from hookrouter.domain.fallback import Fallback
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName, SinkName, TeamName
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.visible import as_allowed
from hookrouter.ports.last_word import PassedOn
from hookrouter.ports.outbox import Outbox
from hookrouter.ports.sinks import DigestSink, Message, SharedRate, Sink, Sinks
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.usecases.delivering.counting import Counting
from hookrouter.usecases.delivering.drain import Drain
from hookrouter.usecases.delivering.duty import Duty
from hookrouter.usecases.delivering.fall_back import FallBack
from hookrouter.usecases.delivering.seats import Seat
from hookrouter.wire.messages.template import RenderingFailed

ATTEMPTS_WITHOUT_SINK = 5
"""By the usual schedule a few minutes: a mounted configuration reaches every machine of a cluster in about one."""
PASSED_ON = Retry(
    reason=Reason.TIMEOUT, answer=Answer(text="not sent: this worker stood still, and another may have begun it since")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverOutbox:
    """Serves outboxes.

    Attributes:
        should_stop: turns true when the process is to end, or another takes over with an edited configuration.
        discretion: removes from outcomes what must not be kept.
        revisions: of the configurations that have been in force in this process.
        hours: when each route's time is open, by the current configuration.
        asked: the team that each route asks for somebody, likewise.
        counting: counts what is delivered, likewise.
    """

    sinks: Sinks
    policies: Callable[[SinkName], SinkPolicy]
    rates: Callable[[SinkName, SinkPolicy], SharedRate | None]
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    discretion: Discretion = field(default_factory=Discretion)
    revisions: frozenset[str] = frozenset({""})
    hours: Hours = ALWAYS
    asked: Mapping[RouteName, TeamName] = field(default_factory=dict)
    counting: Counting = field(default_factory=Counting)

    async def drain(self, outbox: Outbox, sink: SinkName, bell: asyncio.Event, seat: Seat | None = None) -> bool:
        """Serve a leased outbox until no entry may be attempted and no attempt is under way.

        Args:
            outbox: under a lease, which is renewed but not given back.
            sink: whose outbox it is.
            bell: set by whoever knows of new entries.
            seat: this drain's share of the worker's attempts; without one, as many as the sink may have.

        Returns:
            Whether an entry that has come by now could be attempted; False if the sink must be left alone for a while.
        """
        policy = self.policies(sink)

        async def attempt(delivery: Delivery) -> Outcome:
            outcome = await self.attempt(delivery, policy)
            for told in delivery.members or (delivery,):
                outcome = self.discretion.about(outcome, told, policy.secrets)
            return outcome

        if policy.fallback is not None:
            await self._fall_back(outbox, sink, policy.fallback)
        duty = Duty(
            sink=sink,
            policy=policy,
            attempt=attempt,
            digest_key=lambda delivery: self._digest_key(delivery, policy),
            rate=self.rates(sink, policy),
            clock=self.clock,
            observer=self.observer,
            should_stop=self.should_stop,
            seat=seat or Seat(policy.concurrency, policy.concurrency),
            hours=self.hours,
            asked=self.asked,
            counting=self.counting,
        )
        return await Drain(duty, outbox, bell).run()

    async def _fall_back(self, outbox: Outbox, sink: SinkName, fallback: Fallback) -> None:
        case = FallBack(sink=sink, fallback=fallback, observer=self.observer, should_stop=self.should_stop)
        await case.run(outbox)

    async def attempt(self, delivery: Delivery, policy: SinkPolicy) -> Outcome:
        """Render and send once; returns an outcome whatever the sink does."""
        sink = self._sink_of(delivery)
        if sink is None:
            return self._without_sink(delivery)
        try:
            message = _rendered(sink, delivery, policy)
            outcome = await sink.send(delivery, message)
        except RenderingFailed as fault:
            return Dead(reason=Reason.RENDERING, answer=Answer(text=str(fault)))
        except PassedOn:
            return PASSED_ON
        except asyncio.CancelledError:
            raise
        except BaseException as fault:  # noqa: BLE001 - a plug-in's door: neither its defect nor its wish to exit may cost the delivery or the drain
            return Retry(reason=Reason.BROKEN, answer=Answer(text=f"the sink failed with {type(fault).__name__}"))
        if not isinstance(outcome, Delivered | Retry | Dead):
            return Retry(reason=Reason.BROKEN, answer=Answer(text="the sink did not say what came of it"))
        return outcome

    def _without_sink(self, delivery: Delivery) -> Outcome:
        """Give up on a delivery to no sink, but not at once: another process may know a newer configuration."""
        if delivery.revision not in self.revisions and delivery.attempts < ATTEMPTS_WITHOUT_SINK:
            return Retry(reason=Reason.NO_SUCH_SINK)
        return Dead(reason=Reason.NO_SUCH_SINK)

    def _sink_of(self, delivery: Delivery) -> Sink | None:
        route = delivery.members[0].route if delivery.members else delivery.route
        return self.sinks.find(delivery.sink, route)

    def _digest_key(self, delivery: Delivery, policy: SinkPolicy) -> str:
        """What deliveries that may share a message have in common: how their routes address the sink, whom it tells.

        A delivery that cannot be rendered shares with none, and is judged when it is attempted.
        """
        sink = self._sink_of(delivery)
        if not isinstance(sink, DigestSink):
            return delivery.id
        try:
            return f"{id(sink)}:{sink.digest_key(delivery)}:{shared_by(delivery, policy.digest)}"
        except BaseException:  # noqa: BLE001 - a plug-in's door, as above
            return delivery.id


def _rendered(sink: Sink, delivery: Delivery, policy: SinkPolicy) -> Message:
    if not delivery.members:
        return sink.render(as_allowed(delivery, policy))
    if not isinstance(sink, DigestSink):
        raise RenderingFailed("it was gathered for a digest, and its sink makes none any more")
    return sink.render_digest([as_allowed(member, policy) for member in delivery.members])
