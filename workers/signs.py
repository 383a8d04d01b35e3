"""A worker's signs of life."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.runtime import Runtime
from workers.pulse import Pulse


@dataclass(frozen=True, slots=True)
class SignsOfLife:
    """Says in Redis that this worker lives; and looks at a Redis that is back before it is trusted again."""

    runtime: Runtime
    pulse: Pulse

    def give(self) -> None:
        """Give one sign."""
        try:
            self.runtime.presence.beat("worker", self.runtime.process, self.runtime.clock.now())
            self.pulse.reach()
            self.runtime.preflight.once_there()
        except StoreAway as fault:
            self.runtime.preflight.is_due = True
            self.runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))

    def end(self) -> None:
        """Say that it leaves."""
        try:
            self.runtime.presence.leave("worker", self.runtime.process)
        except StoreAway as fault:
            self.runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
