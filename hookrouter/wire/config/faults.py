"""What is wrong in a document, each fault with the path to it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]

MOST_NAMES = 12
"""How many known names a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        path: keys and list numbers that lead to it.
        message: what is wrong and what to do, with a suggestion where there is one.
        at_key: it is the key that is wrong, not its value.
    """

    path: Path
    message: str
    at_key: bool = False


class Faults(Exception):  # noqa: N818 - it carries all the faults of a document
    """Raised with every fault of a document at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` with the nearest known word, or '' if none is near."""
    names = list(known)
    same = [name for name in names if name.casefold() == word.casefold()]
    near = same or difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def known_names(word: str, known: Sequence[str]) -> str:
    """`: known are …`, with the nearest of them; where only one is known and near, it is named once."""
    near = did_you_mean(word, known)
    return near if near and len(known) == 1 else f": known are {listed(known) or 'none'}{near}"


def listed(names: Sequence[str]) -> str:
    """The known names, or the first of many."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
