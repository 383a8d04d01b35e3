"""What happens to a change on its way: one fate each, drawn in the order of the changes."""

from __future__ import annotations

from enum import StrEnum
from random import Random  # noqa: TID251 - a seeded world

from hookrouter.simulator.pushing import Pushing


class Fate(StrEnum):
    """What becomes of a change that is to be pushed."""

    SENT = "sent"
    LOST = "lost"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    DELAYED = "delayed"


def draw_fate(pushing: Pushing, dice: Random) -> Fate:
    """The fate of the next change; always one throw, so that the same seed gives the same fates."""
    throw = dice.random()
    for fate, share in (
        (Fate.LOST, pushing.lost),
        (Fate.DOUBLED, pushing.doubled),
        (Fate.REORDERED, pushing.reordered),
        (Fate.DELAYED, pushing.delayed),
    ):
        if throw < share:
            return fate
        throw -= share
    return Fate.SENT
