"""An index by time, read from its newest member back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import isnan
from typing import NamedTuple

from hookrouter.store.server import RedisServer

AT_ONCE = 200
"""Members of an index that are read in one call."""


class Place(NamedTuple):
    """Where a member stands in its index; the newer is the greater."""

    score: float
    member: str

    def __str__(self) -> str:
        return f"{self.score!r}:{self.member}"


def place_of(text: str | None) -> Place | None:
    """What `str(place)` wrote; None for none, and for what it never wrote."""
    score, _, member = (text or "").partition(":")
    try:
        place = Place(float(score), member)
    except ValueError:
        return None
    return None if isnan(place.score) else place


def newest_first(
    server: RedisServer,
    index: str,
    after: Place | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[list[Place]]:
    """The members of a sorted set behind a place, a portion at a time; the newest first.

    It goes by place and not by rank, so that members that come or go meanwhile move nothing. Of a span of time only its
    own members are read: from `since` on, and before `until`.
    """
    skip = 0
    oldest = "-inf" if since is None else repr(since.timestamp())
    newest = "+inf" if until is None else f"({until.timestamp()!r}"
    while True:
        newest = newest if after is None else repr(after.score)
        found = server.call("ZREVRANGEBYSCORE", index, newest, oldest, "WITHSCORES", "LIMIT", skip, AT_ONCE)
        places = [Place(float(score), member.decode()) for member, score in zip(found[::2], found[1::2], strict=True)]
        fresh = [place for place in places if after is None or place < after]
        if fresh:
            yield fresh
        if len(places) < AT_ONCE:
            return
        skip = 0 if fresh else skip + AT_ONCE
        after = fresh[-1] if fresh else after
