"""What waits at sinks, looked at: place after place where a delivery may wait, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.logged_attempt import Whereabouts
from hookrouter.ports.outbox import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAt:
    """What waits at a sink.

    Attributes:
        found: a part of it: what is to be tried again, by due time; what its routes hold; then what comes next.
        end: asks for what follows; None if nothing does.
        total: how many wait in all, from any route.
    """

    sink: SinkName
    standing: Standing
    found: Sequence[Whereabouts]
    end: str | None
    total: int


class WaitingLook(Protocol):
    """What waits at sinks."""

    def at(self, sink: SinkName, *, route: RouteName | None, limit: int, after: str | None) -> WaitingAt:
        """What waits at a sink, from one route or any: at most `limit`, behind a place that an earlier look returned.

        For a single route it searches a bounded part, so it may find fewer and still return a place to go on from.
        """
