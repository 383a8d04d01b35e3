"""How leads are spread over streams, as all processes have it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from hookrouter.domain.layout import Layout, Spread, Strays


class LayoutBook(Protocol):
    """Where the layout stands that all processes go by."""

    def read(self) -> Layout:
        """The layout of this moment; the first who asks lays down what its own settings say."""

    def swap(self, was: Layout, now: Layout, *, by: str = "") -> bool:
        """Put another in the place of the one that was read; False if that is another by now.

        It is also False when another than `by` has the right to decide; without it, anybody may put it there.
        """

    def move_on(self, name: str, spread: Spread, may_go_on: Callable[[], bool]) -> None:
        """Move what does not drain by itself out of the former streams, for as long as may be gone on with it.

        Nothing is moved when it is not spread so any more.
        """

    def is_over(self, name: str, spread: Spread) -> bool:
        """Whether nothing waits in the former streams any more, and nobody serves them."""

    def find_strays(self, layout: Layout) -> Strays:
        """The streams with entries that an earlier version left, and no spread has."""

    def find_late(self, layout: Layout) -> Collection[str]:
        """The outboxes that are split, and that an earlier version filled as if they were not, and left."""
