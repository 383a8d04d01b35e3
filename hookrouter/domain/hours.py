"""When the deliveries of routes may go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.conditions.during import During
from hookrouter.domain.ids import RouteName
from hookrouter.domain.pause import Pause
from hookrouter.domain.routing import Route


@dataclass(frozen=True, slots=True)
class Hours:
    """The times of routes that hold their deliveries outside of them; all other routes are always open."""

    times: Mapping[RouteName, During] = field(default_factory=dict)

    def is_open(self, route: RouteName, at: datetime) -> bool:
        """Whether a route's deliveries may go out at a moment; a route that no longer exists holds nothing."""
        time = self.times.get(route)
        return time is None or time.is_open(at)

    def opens(self, route: RouteName, at: datetime) -> datetime | None:
        """The first moment from this one on at which they may; None if that never comes."""
        time = self.times.get(route)
        return at if time is None else time.opens(at)

    def goes_on(self, route: RouteName, pause: Pause | None, at: datetime) -> datetime | None:
        """The first moment from this one on at which they may, given the route's pause; None if that is not known."""
        if pause is None or not pause.holds(at):
            return self.opens(route, at)
        return None if pause.until is None else self.opens(route, pause.until)

    def held(self, route: RouteName, at: datetime) -> str:
        """How a route's deliveries are held, in words: `held until Mon 2026-11-30 08:00 America/New_York`."""
        time = self.times.get(route)
        if time is None or time.is_open(at):
            return "held until a moment ago"
        return f"held {time.held_until(at)}"


def hours_of(routes: Iterable[Route]) -> Hours:
    """The times of these routes."""
    return Hours({route.name: route.held_outside for route in routes if route.held_outside is not None})


ALWAYS = Hours()
