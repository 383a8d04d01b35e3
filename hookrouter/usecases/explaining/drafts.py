"""Chapters of a lead's story before all is known of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.delivery import delivery_id
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName
from hookrouter.domain.logged_attempt import LoggedAttempt, Whereabouts
from hookrouter.domain.told_delivery import not_over
from hookrouter.ports.lead_trail import Trace
from hookrouter.usecases.explaining.explain import Explanation
from hookrouter.usecases.explaining.recall import Recalled

Planned = dict[DeliveryId, tuple[RouteName, SinkName, str]]
"""The deliveries that the rules of now would have made, each with its step."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A chapter before all is known.

    Attributes:
        names: of its deliveries.
        logged: what is known of attempts.
        reached: up to when the log was looked at; None when that was its end, or all was over.
        found: where those are that are not over.
    """

    recalled: Recalled
    explanation: Explanation
    names: Planned
    logged: list[LoggedAttempt] = field(default_factory=list)
    reached: datetime | None = None
    found: dict[str, Whereabouts] = field(default_factory=dict)

    @property
    def is_lost_sight_of(self) -> bool:
        """Whether the end of one of its deliveries may stand farther on in the log."""
        missing = not_over((name for name, (_, _, step) in self.names.items() if not step), self.logged)
        return self.reached is not None and any(name not in self.found for name in missing)

    def add(self, trace: Trace) -> None:
        """Note what the log holds of it, and up to when."""
        self.logged = list(dict.fromkeys((*self.logged, *trace.logged)))
        self.names.update(_logged_names(self.logged, self.names))
        self.reached = trace.reached


def planned_deliveries(recalled: Recalled, explanation: Explanation, now: datetime) -> Planned:
    """The deliveries that the rules of now make of a lead, and the reminders that were due by now."""
    planned: Planned = {}

    def plan(route: RouteName, sink: SinkName, step: str = "") -> None:
        name = delivery_id(recalled.occasion, recalled.lead.key, route, sink, step)
        planned[name] = (route, sink, step)

    for each in explanation.deliveries:
        plan(each.route, each.sink)
    for route in explanation.routes:
        for step in route.follow_up:
            if step.due is not None and step.due <= now:
                for sink in step.to:
                    plan(route.route, sink, step.step)
    return planned


def _logged_names(logged: Sequence[LoggedAttempt], known: Collection[DeliveryId]) -> Planned:
    """Those that the log tells of besides."""
    return {each.delivery: (each.route, each.sink, "") for each in logged if each.delivery not in known}
