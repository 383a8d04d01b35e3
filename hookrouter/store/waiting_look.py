"""What waits at sinks in Redis; see `ports.waiting_look.WaitingLook`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.logged_attempt import State, Whereabouts
from hookrouter.ports.outbox import Standing
from hookrouter.ports.waiting_look import WaitingAt
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import questions_of, standing_of
from hookrouter.store.streams import records_of
from hookrouter.store.whereabouts import waits_until
from hookrouter.wire.kept.records import Unreadable, read_delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWaitingLook:
    """Looks at what waits, and takes nothing."""

    server: RedisServer
    keys: Keys

    def at(self, sink: SinkName, *, most: int) -> WaitingAt:
        """What waits at a sink, so many of each place at most; what cannot be read is only counted."""
        standing = standing_of(sink, self.server.call_all(questions_of(self.keys, sink)))
        shut = [place for route in sorted(standing.shut) for place in self._shut(sink, route)]
        streams = [*shut, self.keys.again(sink), self.keys.let_in(sink), self.keys.outbox(sink)]
        counted = self.server.call_all([("ZCARD", self.keys.retries(sink)), *(("XLEN", stream) for stream in streams)])
        found = [*self._retrying(sink, most)]
        for stream, entries in zip(streams, self._heads(streams, most), strict=True):
            found += self._waiting(entries, standing, is_shut=stream in shut)
        return WaitingAt(sink=sink, standing=standing, found=found, total=sum(counted))

    def _shut(self, sink: SinkName, route: RouteName) -> tuple[str, str]:
        return self.keys.shut_first(sink, route), self.keys.shut(sink, route)

    def _heads(self, streams: Sequence[str], most: int) -> list[Any]:
        return self.server.call_all([("XRANGE", stream, "-", "+", "COUNT", most) for stream in streams])

    def _retrying(self, sink: SinkName, most: int) -> Iterator[Whereabouts]:
        due = self.server.call("ZRANGE", self.keys.retries(sink), 0, most - 1, "WITHSCORES")
        pairs = due if due and isinstance(due[0], (list, tuple)) else list(zip(due[::2], due[1::2], strict=True))
        if not pairs:
            return
        records = self.server.call("HMGET", self.keys.retry_records(sink), *(name for name, _ in pairs))
        for (_, score), record in zip(pairs, records, strict=True):
            with suppress(Unreadable):
                if record is not None:
                    yield waits_until(read_delivery(record), float(score))

    def _waiting(self, entries: Any, standing: Standing, *, is_shut: bool) -> Iterator[Whereabouts]:
        for _, record in records_of(entries):
            with suppress(Unreadable):
                delivery = read_delivery(record)
                yield Whereabouts(
                    state=State.HELD if is_shut else State.WAITING,
                    delivery=delivery,
                    is_shut_out=is_shut,
                    pause=standing.routes.get(delivery.route) if is_shut else None,
                )
