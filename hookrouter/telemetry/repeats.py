"""What is said again and again: at once the first time, and then now and then with how often it came."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

AGAIN_AFTER = 60.0
"""Seconds. What fails for the same reason each second would hide all else in the log."""

KEPT_FOR = 600.0
"""Seconds that a count waits for the next of its kind where nobody asks what is due."""


@dataclass(slots=True)
class _Said:
    at: float
    held: int = 0


class Repeats:
    """What was said less than a minute ago, and how often it came since.

    Threads use it without a lock: at worst one of two that come at once is not counted.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing was said."""
        self._now = now
        self._said: dict[Hashable, _Said] = {}

    def take(self, what: Hashable) -> int:
        """How often it came since it was last said, if it is to be said now; nought while it is to wait."""
        now = self._now()
        said = self._said.get(what)
        if said is not None and now < said.at + AGAIN_AFTER:
            said.held += 1
            return 0
        self._forget(now)
        self._said[what] = _Said(now)
        return 1 + (said.held if said is not None else 0)

    def due(self) -> list[tuple[Hashable, int]]:
        """What waited for its time and is to be said now, each with how often it came."""
        now = self._now()
        due = [(what, said) for what, said in [*self._said.items()] if said.held and now >= said.at + AGAIN_AFTER]
        for what, _ in due:
            self._said[what] = _Said(now)
        return [(what, said.held) for what, said in due]

    def _forget(self, now: float) -> None:
        for what, said in [*self._said.items()]:
            if now >= said.at + (AGAIN_AFTER if not said.held else KEPT_FOR):
                self._said.pop(what, None)
