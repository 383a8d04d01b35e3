"""Waiting: look at what sinks have not been told of yet, and what holds it up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.logged_attempt import Whereabouts
from hookrouter.domain.told_delivery import what_holds_up
from hookrouter.ports.surroundings import Clock
from hookrouter.ports.waiting_look import WaitingLook

AT_ONCE = 50
"""Deliveries of a sink that are shown together: some kilobytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits at a sink.

    Attributes:
        held_up: what keeps the sink from being told of anything; '' when nothing does.
        found: a part of it in the order in which it goes on: what failed, what its routes hold, what comes next.
        end: asks for what comes behind them, at this sink; None when nothing does.
        total: how many wait in all, by whatever route.
    """

    sink: SinkName
    held_up: str
    found: tuple[Whereabouts, ...]
    end: str | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpWaiting:
    """Shows what waits; `sinks` are those of the configuration."""

    look: WaitingLook
    sinks: Collection[SinkName]
    clock: Clock
    hours: Hours = ALWAYS

    def list(
        self,
        sink: SinkName | None = None,
        route: RouteName | None = None,
        *,
        limit: int = AT_ONCE,
        after: str | None = None,
    ) -> Sequence[Waiting]:
        """What waits at each sink or at one, by any route or one; without the sinks where nothing does.

        It shows so many of each sink, and of one those behind `after`, which an earlier look said.
        """
        names = [name for name in self.sinks if sink in {None, name}]
        told = [self._at(name, route, limit, after if sink else None) for name in names]
        return [each for each in told if each.total]

    def _at(self, sink: SinkName, route: RouteName | None, limit: int, after: str | None) -> Waiting:
        there = self.look.at(sink, route=route, limit=limit, after=after)
        standing = there.standing
        return Waiting(
            sink=sink,
            held_up=what_holds_up(standing.circuit, standing.pause, standing.now),
            found=tuple(self._with_moment(each) for each in there.found),
            end=there.end,
            total=there.total,
        )

    def _with_moment(self, found: Whereabouts) -> Whereabouts:
        if not found.is_shut_out:
            return found
        return replace(found, until=self.hours.goes_on(found.delivery.route, found.pause, self.clock.now()))
