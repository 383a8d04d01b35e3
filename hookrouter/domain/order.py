"""Turns: deliveries of one lead go one after the other, of different leads side by side."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from hookrouter.domain.ids import LeadKey

Turn = TypeVar("Turn")


class Lanes(Generic[Turn]):
    """A queue with a lane for each lead; a lane moves on when its foremost is done."""

    def __init__(self) -> None:
        """Start empty."""
        self._ready: deque[tuple[LeadKey, Turn]] = deque()
        self._behind: dict[LeadKey, deque[Turn]] = {}
        self._waiting = 0

    def __len__(self) -> int:
        """How many wait, those under way not counted."""
        return self._waiting

    @property
    def ready(self) -> int:
        """How many could be taken now."""
        return len(self._ready)

    def put(self, lead: LeadKey, turn: Turn) -> None:
        """Queue behind what the lead already has."""
        self._waiting += 1
        lane = self._behind.get(lead)
        if lane is None:
            self._behind[lead] = deque()
            self._ready.append((lead, turn))
        else:
            lane.append(turn)

    def take(self) -> tuple[LeadKey, Turn] | None:
        """The next whose lead has nothing under way; it is under way until `done`."""
        if not self._ready:
            return None
        self._waiting -= 1
        return self._ready.popleft()

    def done(self, lead: LeadKey) -> None:
        """Let the lead's next move up."""
        lane = self._behind[lead]
        if lane:
            self._ready.append((lead, lane.popleft()))
        else:
            del self._behind[lead]
