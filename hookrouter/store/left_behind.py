"""What still waits in former streams during a change of the layout, and since when that has not become less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import RouteName
from hookrouter.domain.layout import Layout, LeftBehind, Spread, sink_of
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.layout import streams_at
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds

REMEMBERED = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehindLook:
    """Counts it, and remembers what was counted last: a change comes to no end where that stays the same."""

    server: RedisServer
    keys: Keys

    def at(self, layout: Layout, now: datetime) -> Mapping[str, LeftBehind]:
        """What waits in former streams, of each that is being spread anew."""
        if not layout.changing:
            return {}
        counts = {name: self._count(name, spread) for name, spread in layout.changing.items()}
        known = self.server.call("HGETALL", self.keys.left_behind())
        found: dict[str, LeftBehind] = {}
        news: dict[str, str] = {}
        for name, count in counts.items():
            mark = f"{layout.of(name).generation} {count} "
            told = known.get(name.encode(), b"").decode()
            since = told.removeprefix(mark) if told.startswith(mark) else ""
            if not since.isdecimal():
                since = str(in_milliseconds(now))
                news[name] = mark + since
            found[name] = LeftBehind(count, of_milliseconds(int(since)))
        self._note(news)
        return found

    def _count(self, name: str, spread: Spread) -> int:
        places, sink = () if spread.former is None else spread.former.own, sink_of(name)
        streams = [stream for place in places for stream in streams_at(self.keys, name, place)]
        if sink is None:
            return self._sum([("XLEN", stream) for stream in streams])
        shards = [Shard(self.keys, sink, place) for place in places]
        routes = self.server.call_all([("SMEMBERS", shard.shut_routes) for shard in shards])
        streams += [
            stream
            for shard, names in zip(shards, routes, strict=True)
            for route in map(_route, names)
            for stream in (shard.shut_first(route), shard.shut(route))
        ]
        return self._sum([*(("XLEN", each) for each in streams), *(("ZCARD", shard.retries) for shard in shards)])

    def _sum(self, questions: Sequence[Command]) -> int:
        return sum(self.server.call_all(questions))

    def _note(self, news: Mapping[str, str]) -> None:
        if not news:
            return
        pairs = [part for pair in news.items() for part in pair]
        key = self.keys.left_behind()
        with suppress(StoreAway):  # who cannot write is told so elsewhere, and may look all the same
            self.server.call_all([("HSET", key, *pairs), ("EXPIRE", key, int(REMEMBERED.total_seconds()))])


def _route(name: bytes) -> RouteName:
    return RouteName(name.decode("utf-8", "replace"))
