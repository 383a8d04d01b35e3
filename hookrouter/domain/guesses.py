"""Who guesses: how often each address came with a wrong token of late."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

MOST = 20
WITHIN = 60.0
"""So many wrong tokens within so many seconds are a guesser's."""
ADDRESSES = 10_000
"""Remembered at most; the one longest silent is forgotten first."""


@dataclass(slots=True)
class Guesses:
    """The wrong tokens of one process' callers; all moments are monotonic seconds."""

    _counted: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)

    def count(self, address: str, now: float) -> bool:
        """Count a wrong token; whether this address had too many."""
        since, guesses = self._counted.pop(address, (now, 0))
        if now - since > WITHIN:
            since, guesses = now, 0
        self._counted[address] = (since, guesses + 1)
        if len(self._counted) > ADDRESSES:
            self._counted.popitem(last=False)
        return guesses >= MOST
