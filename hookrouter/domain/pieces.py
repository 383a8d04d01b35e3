"""Large amounts, taken a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def pieces(whole: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """The whole in order, in pieces of `most` each, the last of which may be shorter."""
    for start in range(0, len(whole), most):
        yield whole[start : start + most]
