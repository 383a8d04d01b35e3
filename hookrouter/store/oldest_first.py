"""An index by time, read from its oldest member on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hookrouter.store.newest_first import AT_ONCE, Place
from hookrouter.store.server import RedisServer


def oldest_first(
    server: RedisServer,
    index: str,
    after: Place | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[list[Place]]:
    """The members of a sorted set behind a place, a portion at a time; the oldest first.

    By place and not by rank, as in `newest_first`: members that go meanwhile move nothing.
    """
    skip, newest = 0, _before(until)
    oldest = "-inf" if since is None else repr(since.timestamp())
    while True:
        oldest = oldest if after is None else repr(after.score)
        found = server.call("ZRANGEBYSCORE", index, oldest, newest, "WITHSCORES", "LIMIT", skip, AT_ONCE)
        places = [Place(float(score), member.decode()) for member, score in zip(found[::2], found[1::2], strict=True)]
        fresh = [place for place in places if after is None or place > after]
        if fresh:
            yield fresh
        if len(places) < AT_ONCE:
            return
        skip = 0 if fresh else skip + AT_ONCE
        after = fresh[-1] if fresh else after


def count_from(
    server: RedisServer, index: str, after: Place | None, *, since: datetime | None, until: datetime | None
) -> int:
    """How many members there are from a place on, in a span of time; what is at the place itself counts."""
    oldest = "-inf" if since is None else repr(since.timestamp())
    return int(server.call("ZCOUNT", index, oldest if after is None else repr(after.score), _before(until)))


def _before(until: datetime | None) -> str:
    return "+inf" if until is None else f"({until.timestamp()!r}"
