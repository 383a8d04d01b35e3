"""The demo's numbers, made of what was sent and what arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.demo.arrivals import Arrivals, Kind
from hookrouter.demo.readings import Counted, Pushed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How the demo stands.

    Attributes:
        unanswered: leads that were changed and whose push was not acknowledged.
        routed: leads whose way was decided.
        waiting: messages that are still due.
        p50: seconds from a push's arrival to the message's, for half of them.
    """

    pushes: int
    pushed: int
    unanswered: int
    routed: int
    delivered: Mapping[Kind, int]
    repeated: int
    refused: int
    waiting: int
    dead: int
    p50: float | None
    p95: float | None

    @property
    def all_arrived(self) -> bool:
        """Whether everything that was pushed was taken, routed and delivered."""
        return not (self.unanswered or self.waiting or self.dead or self.refused)


def take_figures(arrivals: Arrivals, pushed: Pushed, counted: Counted) -> Figures:
    """Compare what the simulator sent with what the stand-ins have.

    Every lead goes to the HTTP stand-in by `every-change`, so a lead that is not there is not routed yet or under way.
    """
    missing = arrivals.missing()
    on_their_way = max(0, pushed.leads_acked - counted.skipped - arrivals.every_change)
    return Figures(
        pushes=pushed.pushes,
        pushed=pushed.leads,
        unanswered=max(pushed.leads - pushed.leads_acked, pushed.leads_waiting),
        routed=sum(counted.judged.values()),
        delivered={kind: arrivals.received[kind] for kind in Kind},
        repeated=sum(arrivals.repeated.values()),
        refused=sum(arrivals.refused.values()),
        waiting=on_their_way + sum(missing.values()),
        dead=counted.dead,
        p50=arrivals.percentile(0.5),
        p95=arrivals.percentile(0.95),
    )
