"""Which rights that hookrouter needs in Redis its user lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_NAMED = 5
"""A user that may nothing lacks seventy rights: one line holds as many, and the documentation has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A right that is missing: a command such as SCRIPT LOAD, or `keys` and their pattern.

    Attributes:
        keeps_pushes_out: without it no push gets into Redis; without others, something later stands still.
    """

    right: str
    keeps_pushes_out: bool


def named(rights: Sequence[str]) -> str:
    """Rights in a line."""
    more = len(rights) - MOST_NAMED
    return ", ".join(rights[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
