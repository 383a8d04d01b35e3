"""A worker's signs of life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.runtime import Runtime
from hookrouter.store.presence import Rhythm
from workers.pulse import Pulse


@dataclass(frozen=True, slots=True)
class SignsOfLife:
    """Says in Redis that this worker lives, and checks a Redis that is back before trusting it again."""

    runtime: Runtime
    pulse: Pulse
    rhythm: Rhythm = field(default_factory=Rhythm)

    def give(self) -> timedelta:
        """Give one sign; return how long to wait until the next."""
        try:
            self.runtime.preflight.once_there()  # first: a worker without its rights must not look alive
            self.runtime.presence.beat("worker", self.runtime.process)
            self.rhythm.was_felt()
            self.pulse.reach()
        except StoreAway as fault:
            self.runtime.preflight.is_due = True
            if self.rhythm.was_in_vain():
                self.runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
        return self.rhythm.pause

    def end(self) -> None:
        """Say that the worker leaves."""
        try:
            self.runtime.presence.leave("worker", self.runtime.process)
        except StoreAway as fault:
            self.runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
