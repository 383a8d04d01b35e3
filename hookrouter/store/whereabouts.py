"""Where deliveries are: each place that may hold one looked into."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.handing import Assigning
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.logged_attempt import State, Whereabouts
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import BEHIND
from hookrouter.store.shard import Shard, shards_of
from hookrouter.store.standing import ROUTE, pauses_of
from hookrouter.store.stream_looks import from_moment, oldest_entries
from hookrouter.wire.kept.assigning import read_assigning
from hookrouter.wire.kept.enriching import read_enriching
from hookrouter.wire.kept.records import Unreadable, read_delivery
from hookrouter.wire.kept.set_aside import read_dead_letter

ALL_THERE_ARE = 10_000_000
"""Entries: more than any stream has."""

Found = dict[str, Whereabouts]
Read = Callable[[bytes], Sequence[Delivery]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereaboutsLook:
    """One look for some deliveries.

    Attributes:
        sinks: those whose places are looked into; None means all there ever were.
        since: what was put anywhere before is not looked at; None means that everything is.
        most: so many entries of each stream are looked at.
    """

    server: RedisServer
    keys: Keys
    layouts: Layouts
    sinks: Collection[SinkName] | None = None
    since: datetime | None = None
    most: int = ALL_THERE_ARE

    def find(self, deliveries: Collection[str]) -> Mapping[str, Whereabouts]:
        """Where they are; without those that are nowhere, or on their way between two places."""
        found = self._dead(deliveries)
        for look in (self._at_sinks, self._before_sinks):
            missing = [name for name in deliveries if name not in found]
            if missing:
                found.update(look(missing))
        return found

    def _dead(self, deliveries: Collection[str]) -> Found:
        found: Found = {}
        if not deliveries:
            return found
        records = self.server.call("MGET", *map(self.keys.dead_letter, deliveries))
        for name, record in zip(deliveries, records, strict=True):
            with suppress(Unreadable):
                if record is not None:
                    found[name] = Whereabouts(state=State.DEAD, delivery=read_dead_letter(record).delivery)
        return found

    def _at_sinks(self, deliveries: Sequence[str]) -> Found:
        known = sorted(name.decode("utf-8", "replace") for name in self.server.call("SMEMBERS", self.keys.outboxes()))
        found: Found = {}
        layout = self.layouts.read(self.server).layout
        sinks = [sink for sink in map(SinkName, known) if self.sinks is None or sink in self.sinks]
        for shard in (shard for sink in sinks for shard in shards_of(self.keys, layout, sink)):
            missing = [name for name in deliveries if name not in found]
            if missing:
                found |= self._in_shard(shard, missing)
        return found

    def _in_shard(self, shard: Shard, deliveries: Sequence[str]) -> Found:
        found = self._retrying(shard, deliveries)
        for look in (self._shut_out, self._waiting):
            missing = [name for name in deliveries if name not in found]
            found |= look(shard, missing) if missing else {}
        return found

    def _retrying(self, shard: Shard, deliveries: Sequence[str]) -> Found:
        due, records = self.server.transaction(
            [
                ("ZMSCORE", shard.retries, *deliveries),
                ("HMGET", self.keys.retry_records(shard.sink), *deliveries),
            ]
        )
        found: Found = {}
        for name, score, record in zip(deliveries, due, records, strict=True):
            if score is None or record is None:
                continue
            for waits in _deliveries_in(record):
                found[name] = waits_until(waits, float(score))
        return found

    def _shut_out(self, shard: Shard, deliveries: Sequence[str]) -> Found:
        routes = sorted(self.server.call("SMEMBERS", shard.shut_routes))
        names = [RouteName(route.decode("utf-8", "replace")) for route in routes]
        streams = [place(name) for name in names for place in (shard.shut_first, shard.shut)]
        found = self._in_streams(streams, deliveries, _deliveries_in, State.HELD)
        if not found:
            return found
        pauses = pauses_of(self.server.call("HGETALL", self.keys.pauses()))
        return {
            name: replace(each, is_shut_out=True, pause=pauses.get(f"{ROUTE}{each.delivery.route}"))
            for name, each in found.items()
        }

    def _waiting(self, shard: Shard, deliveries: Sequence[str]) -> Found:
        return self._in_streams(shard.entries, deliveries, _deliveries_in, State.WAITING)

    def _before_sinks(self, deliveries: Sequence[str]) -> Found:
        streams = [self.keys.enrich(number) for number in self.layouts.read(self.server).layout.enriching]
        found = self._in_streams(streams, deliveries, _enriching_in, State.ENRICHING)
        missing = [name for name in deliveries if name not in found]
        return found | self._in_streams([self.keys.assign()], missing, _assigning_in, State.ASSIGNING)

    def _in_streams(self, streams: Sequence[str], deliveries: Sequence[str], read: Read, state: State) -> Found:
        found: Found = {}
        for stream in streams:
            missing = {name: name.encode() for name in deliveries if name not in found}
            if not missing:
                break
            for each in self._named_in(stream, list(missing.values()), read):
                if each.id in missing:
                    found.setdefault(each.id, Whereabouts(state=state, delivery=each))
                if len(found) == len(deliveries):
                    break
        return found

    def _named_in(self, stream: str, names: Sequence[bytes], read: Read) -> Iterator[Delivery]:
        """The deliveries of the records that name one; that is looked for before anything is read."""
        for _, record in oldest_entries(self.server, stream, from_moment(self.since), self.most):
            if any(name in record for name in names):
                yield from read(record)


def waits_until(delivery: Delivery, due: float) -> Whereabouts:
    """One that waits to be tried again, until a moment in milliseconds or behind another."""
    if due >= BEHIND:
        return Whereabouts(state=State.BEHIND, delivery=delivery)
    return Whereabouts(state=State.RETRYING, delivery=delivery, until=datetime.fromtimestamp(due / 1000, UTC))


def _deliveries_in(record: bytes) -> Sequence[Delivery]:
    try:
        return [read_delivery(record)]
    except Unreadable:
        return []


def _assigning_in(record: bytes) -> Sequence[Delivery]:
    try:
        found = read_assigning(record)
    except Unreadable:
        return []
    return found.deliveries if isinstance(found, Assigning) else []


def _enriching_in(record: bytes) -> Sequence[Delivery]:
    try:
        return read_enriching(record)[1]
    except Unreadable:
        return []
