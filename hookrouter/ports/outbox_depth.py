"""What waits for the sinks, as those who look at the whole see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.fallback import Fallback
from hookrouter.domain.ids import RouteName
from hookrouter.domain.pause import Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxDepth:
    """What waits for one sink, and how the sink stands.

    Attributes:
        waiting: how many deliveries can be attempted.
        retrying, due: how many wait for their next attempt or behind another delivery; how many of these are due.
        shut: how many of each route wait for its time to open or for it to be resumed, which are not counted above.
        pauses, let_in: the pauses of routes in `shut`; how many of `shut` need not wait any more.
        is_gathering: what waits is to be gathered, and neither enough for a digest nor old enough yet.
        fallback: where all of it goes once the sink has been dead for long.
        due_since: since when the oldest new delivery could have gone out; None if none could.
        shards: over how many shards new deliveries are spread.
    """

    waiting: int
    retrying: int
    due: int
    circuit: Circuit
    pause: Pause | None
    shut: Mapping[RouteName, int] = field(default_factory=dict)
    pauses: Mapping[RouteName, Pause] = field(default_factory=dict)
    let_in: int = 0
    is_gathering: bool = False
    fallback: Fallback | None = None
    due_since: datetime | None = None
    shards: int = 1

    @property
    def all_waiting(self) -> int:
        """How many deliveries wait, for whatever reason."""
        return self.waiting + self.retrying + sum(self.shut.values())

    def falls_back(self, now: datetime) -> Fallback | None:
        """Where to send what waits instead, at a moment; None while the sink is waited for or paused by somebody."""
        fallback = self.fallback
        return fallback if fallback is not None and fallback.is_due(self.circuit, self.pause, now) else None

    def standing(self, now: datetime) -> str:
        """How the sink stands in one word: `paused`, or the state of its circuit."""
        return "paused" if self.pause is not None and self.pause.holds(now) else self.circuit.state(now)

    def work(self, now: datetime) -> int:
        """How many deliveries a drain could attempt at a moment."""
        if self.falls_back(now):
            return self.waiting + self.retrying + self.let_in
        if self.pause is not None and self.pause.holds(now):
            return 0
        free = 0 if self.is_gathering else self.waiting
        return free + self.due + self.let_in if self.circuit.places(now, 1) else 0


def whole_depth(shards: Sequence[OutboxDepth]) -> OutboxDepth:
    """What waits for one sink in all its shards together, former ones included."""
    if len(shards) == 1:
        return shards[0]
    shut = Counter[RouteName]()
    for each in shards:
        shut.update(each.shut)
    return replace(
        shards[0],
        waiting=sum(each.waiting for each in shards),
        retrying=sum(each.retrying for each in shards),
        due=sum(each.due for each in shards),
        shut=dict(shut),
        pauses={route: pause for each in shards for route, pause in each.pauses.items()},
        let_in=sum(each.let_in for each in shards),
        is_gathering=any(each.is_gathering for each in shards)
        and all(each.is_gathering or not each.waiting for each in shards),
        due_since=min((each.due_since for each in shards if each.due_since is not None), default=None),
    )
