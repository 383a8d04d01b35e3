"""How leads are spread over streams, as all processes have it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from hookrouter.domain.layout import Layout, Spread, Strays


class LayoutBook(Protocol):
    """Where the layout is kept that all processes go by."""

    def read(self) -> Layout:
        """The current layout; if there is none yet, the one by this process' own settings is laid down."""

    def swap(self, was: Layout, now: Layout, *, by: str = "") -> bool:
        """Replace the layout that was read by another one; False if it has changed since.

        It is also False if somebody other than `by` has the right to decide; without `by`, anybody may replace it.
        """

    def move_on(self, name: str, spread: Spread, may_go_on: Callable[[], bool]) -> None:
        """Move what does not drain by itself out of the former streams, until all is moved or `may_go_on` says no.

        Nothing is moved if this spread is no longer in force.
        """

    def is_over(self, name: str, spread: Spread) -> bool:
        """Whether nothing waits in the former streams any more, and nobody serves them."""

    def find_strays(self, layout: Layout) -> Strays:
        """The streams with entries that an earlier version left behind and that belong to no spread."""

    def find_late(self, layout: Layout) -> Collection[str]:
        """The split outboxes that an earlier version has filled as if they were not split."""
