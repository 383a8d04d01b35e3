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
    """The latest of the same route takes its place, and what changed with it."""
    NONE = "none"
    """They overtake it."""


def lane_of(order: Order, who: Who, route: RouteName) -> str | None:
    """What a delivery shares with those it must not overtake, or replaces; None when there are none such."""
    match order:
        case Order.STRICT:
            return "\x1f".join(who)
        case Order.LATEST:  # what another route says of the lead is another message
            return "\x1f".join((*who, route))
        case Order.NONE:
            return None


class Lanes(Generic[Turn]):
    """A queue with a lane for each lead; a lane moves on when its foremost is done."""

    def __init__(self) -> None:
        """Start empty."""
        self._ready: deque[Who] = deque()
        self._lanes: dict[Who, deque[Turn]] = {}
        self._waiting = 0

    def __len__(self) -> int:
        """How many wait, those under way not counted."""
        return self._waiting

    @property
    def ready(self) -> int:
        """How many could be taken now."""
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
        """What waits of a lead, the foremost first; not what is under way."""
        return self._lanes.get(lead, ())

    def foremost(self) -> Turn | None:
        """What `take` would take."""
        return self._lanes[self._ready[0]][0] if self._ready else None

    def take(self) -> tuple[Who, Turn] | None:
        """The next whose lead has nothing under way; it is under way until `done`."""
        if not self._ready:
            return None
        self._waiting -= 1
        lead = self._ready.popleft()
        return lead, self._lanes[lead].popleft()

    def take_rest(self, lead: Who) -> list[Turn]:
        """Take out all that waits behind what a lead has under way."""
        lane = self._lanes[lead]
        rest = list(lane)
        lane.clear()
        self._waiting -= len(rest)
        return rest

    def done(self, lead: Who) -> None:
        """Let the lead's next move up."""
        if self._lanes[lead]:
            self._ready.append(lead)
        else:
            del self._lanes[lead]
