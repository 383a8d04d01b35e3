"""What waits at sinks, looked at: the foremost of each place where a delivery may wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hookrouter.domain.ids import SinkName
from hookrouter.domain.logged_attempt import Whereabouts
from hookrouter.ports.outbox import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAt:
    """What waits at a sink.

    Attributes:
        found: the foremost of each place.
        total: how many wait in all.
    """

    sink: SinkName
    standing: Standing
    found: Sequence[Whereabouts]
    total: int


class WaitingLook(Protocol):
    """What waits at sinks."""

    def at(self, sink: SinkName, *, most: int) -> WaitingAt:
        """What waits at one, so many of each place at most."""
