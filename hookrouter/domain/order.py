"""Turns: deliveries of one lead go out one after the other, those of different leads side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from hookrouter.domain.ids import RouteName, Who

Turn = TypeVar("Turn")


class Order(StrEnum):
    """What the later deliveries of a lead do while an earlier one waits for its next attempt."""

    STRICT = "strict"
    """They wait behind it."""
    LATEST = "latest"
    """The latest one of the same route replaces it and tells its changes, too."""
    NONE = "none"
    """They overtake it."""


def lane_of(order: Order, who: Who, route: RouteName) -> str | None:
    """What a delivery shares with those that it must not overtake, or that it replaces; None if there are none."""
    match order:
        case Order.STRICT:
            return "\x1f".join(who)
        case Order.LATEST:  # what another route says of the lead is another message
            return "\x1f".join((*who, route))
        case Order.NONE:
            return None


class Lanes(Generic[Turn]):
    """A queue with a lane for each lead; a lane moves on once its foremost turn is done."""

    def __init__(self) -> None:
        """Start empty."""
        self._ready: deque[Who] = deque()
        self._lanes: dict[Who, deque[Turn]] = {}
        self._waiting = 0

    def __len__(self) -> int:
        """How many turns wait, without those under way."""
        return self._waiting

    @property
    def ready(self) -> int:
        """How many turns could be taken now."""
        return len(self._ready)

    def put(self, lead: Who, turn: Turn) -> None:
        """Queue behind what the lead already has."""
        self._waiting += 1
        lane = self._lanes.get(lead)
        if lane is None:
            self._lanes[lead] = deque((turn,))
            self._ready.append(lead)
        else:
            lane.append(turn)

    def waiting(self, lead: Who) -> Sequence[Turn]:
        """The turns of a lead that wait, foremost first, without the one under way."""
        return self._lanes.get(lead, ())

    def foremost(self) -> Turn | None:
        """The turn that `take` would return."""
        return self._lanes[self._ready[0]][0] if self._ready else None

    def take(self) -> tuple[Who, Turn] | None:
        """Take the next turn whose lead has nothing under way; it is under way until `done`."""
        if not self._ready:
            return None
        self._waiting -= 1
        lead = self._ready.popleft()
        return lead, self._lanes[lead].popleft()

    def take_rest(self, lead: Who) -> list[Turn]:
        """Take out all turns that wait behind the one that a lead has under way."""
        lane = self._lanes[lead]
        rest = list(lane)
        lane.clear()
        self._waiting -= len(rest)
        return rest

    def done(self, lead: Who) -> None:
        """Let the lead's next turn move up."""
        if self._lanes[lead]:
            self._ready.append(lead)
        else:
            del self._lanes[lead]
