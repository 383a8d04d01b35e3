"""One look through an index by time: a page from the newest on, or a portion from the oldest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from hookrouter.ports.desk import Page, Portion
from hookrouter.store.newest_first import Place, newest_first, place_of
from hookrouter.store.oldest_first import count_from, oldest_first
from hookrouter.store.server import RedisServer

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLook(Generic[T]):
    """Looks for records by the index of their moments.

    Attributes:
        index: the key of the sorted set.
        most: how many records one look goes through, whether they are wanted or not.
        read: the records at some places, without those that are gone or cannot be read.
        is_wanted: whether one is looked for.
        since: only those from this moment on.
        until: only those before this moment.
    """

    server: RedisServer
    index: str
    most: int
    read: Callable[[Sequence[Place]], Iterable[tuple[Place, T]]]
    is_wanted: Callable[[T], bool]
    since: datetime | None
    until: datetime | None

    def newest(self, limit: int, after: str | None) -> Page[T]:
        """Those that are wanted, the newest first, behind a page's end, as far back as one look goes."""
        found: list[tuple[Place, T]] = []
        looked_at = 0
        for places in newest_first(self.server, self.index, place_of(after), since=self.since, until=self.until):
            found += [(place, one) for place, one in self.read(places) if self.is_wanted(one)]
            if len(found) > limit:
                return Page(found=[one for _, one in found[:limit]], end=str(found[limit - 1][0]))
            looked_at += len(places)
            if looked_at >= self.most:
                back_to = datetime.fromtimestamp(places[-1].score, UTC)
                return Page(found=[one for _, one in found], end=str(places[-1]), looked_back_to=back_to)
        return Page(found=[one for _, one in found], end=None)

    def oldest(self, limit: int, after: str | None) -> Portion[T]:
        """Those that are wanted, the oldest first, behind a portion's end, as far as one look goes."""
        found: list[T] = []
        looked_at = 0
        for places in oldest_first(self.server, self.index, place_of(after), since=self.since, until=self.until):
            for place, one in self.read(places):
                if self.is_wanted(one):
                    found.append(one)
                    if len(found) == limit:
                        return self._portion(found, place)
            looked_at += len(places)
            if looked_at >= self.most:
                return self._portion(found, places[-1])
        return Portion(found=found, end=None, left=0)

    def _portion(self, found: Sequence[T], end: Place) -> Portion[T]:
        left_with_end = count_from(self.server, self.index, end, since=self.since, until=self.until)
        left = max(0, left_with_end - 1)
        return Portion(found=found, end=str(end) if left else None, left=left)
