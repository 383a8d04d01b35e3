"""Kick: the safety net that wakes every stage with work, whatever became of its last wake-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hookrouter.domain.events import Event, StreamsKicked
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Observer


class Backlog(Protocol):
    """What waits, and what is past its retention."""

    def now(self) -> datetime:
        """The time by the store's clock: by a wrong clock, retries would wait and fresh things would be trimmed."""

    def stages_with_work(self, now: datetime) -> Mapping[Stage, int]:
        """The stages whose streams hold entries or whose retries are due, each with how many."""

    def forget_old(self, now: datetime) -> None:
        """Trim every index to its retention."""


class Orders(Protocol):
    """What operators have ordered: pauses and silences."""

    def news(self, now: datetime) -> Sequence[Event]:
        """What has begun or ended since any process last asked; each event is told to one process only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick:
    """Looks after all streams."""

    backlog: Backlog
    orders: Orders
    wake: Wake
    observer: Observer
    report: Callable[[datetime], object] | None = None
    alerts: Callable[[datetime], object] | None = None
    sample: Callable[[datetime], object] | None = None

    def run(self) -> None:
        """Wake the stages that have work, and forget what is too old."""
        now = self.backlog.now()
        stages = self.backlog.stages_with_work(now)
        for stage in stages:
            self.wake.ring(stage)
        self.backlog.forget_old(now)
        if self.report is not None:
            self.report(now)
        if self.sample is not None:
            self.sample(now)
        for event in self.orders.news(now):
            self.observer.report(event)
        if stages:
            self.observer.report(StreamsKicked(stages=tuple(stages), waiting=sum(stages.values())))
        if self.alerts is not None:  # last, because it looks at more than all others together
            self.alerts(now)
