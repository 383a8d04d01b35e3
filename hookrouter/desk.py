"""What lies on the operator's desk, joined from the parts of a runtime."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.runtime import Runtime
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.deliveries import RedisDeliveries
from hookrouter.store.pauses import RedisPauses
from hookrouter.store.push_archive import RedisPushArchive
from hookrouter.store.rejected import RedisRejected
from hookrouter.usecases.dead_letters import Pace, TendDeadLetters
from hookrouter.usecases.deliveries import LookUpDeliveries
from hookrouter.usecases.pauses import TendPauses
from hookrouter.usecases.pushes import TendPushes
from hookrouter.usecases.rejected import TendRejected


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases that only operators have."""

    runtime: Runtime

    def dead_letters(self) -> TendDeadLetters:
        """The use case of the dead letters."""
        letters = RedisDeadLetters(server=self.runtime.server, keys=self.runtime.keys)
        return TendDeadLetters(letters=letters, sinks=self.runtime.config.sinks.keys(), wake=self.runtime.wake)

    def deliveries(self) -> LookUpDeliveries:
        """The use case of the deliveries."""
        runtime = self.runtime
        return LookUpDeliveries(
            RedisDeliveries(server=runtime.server, keys=runtime.keys, partitions=runtime.settings.partitions)
        )

    def pace(self, rate: float) -> Pace:
        """So many times a second, until the process is asked to stop."""
        return Pace(rate=rate, clock=self.runtime.clock, should_stop=self.runtime.stopping.is_set)

    def pauses(self) -> TendPauses:
        """The use case of the pauses."""
        return TendPauses(
            pauses=RedisPauses(server=self.runtime.server, keys=self.runtime.keys),
            sinks=self.runtime.config.sinks.keys(),
            routes=[route.name for route in self.runtime.config.routes],
            wake=self.runtime.wake,
            clock=self.runtime.clock,
        )

    def rejected(self) -> TendRejected:
        """The use case of the rejected leads."""
        rejected = RedisRejected(server=self.runtime.server, keys=self.runtime.keys)
        return TendRejected(
            rejected=rejected,
            pushes=self.runtime.push_log(),
            wake=self.runtime.wake,
            clock=self.runtime.clock,
            bounds=self.runtime.config.receiver.bounds,
        )

    def pushes(self) -> TendPushes:
        """The use case of the pushes as they came."""
        archive = RedisPushArchive(server=self.runtime.server, keys=self.runtime.keys)
        return TendPushes(archive, self.runtime.push_log(), self.runtime.wake, self.runtime.config.receiver.bounds)
