"""A process of the earlier release that is still there when a sink was split knows no shards: what it adds is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import Event
from hookrouter.domain.hours import ALWAYS
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.domain.layout_events import SpreadEnded, SpreadReopened
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.outbox_depth import whole_depth
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.moving import OutboxMover
from hookrouter.store.outbox_depths import DepthsLook
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard, shards_of
from hookrouter.usecases.keep_layout import STRAYS_EVERY, KeepLayout
from hookrouter.wire.kept.records import read_delivery

PREVIOUS = json.loads(Path(__file__).with_name("previous.json").read_text())["keys"]
API, BROKEN, QUIET = SinkName("api"), SinkName("broken"), SinkName("quiet")
"""Of the release before: one with new deliveries, one whose far side fails, one whose route's time is not now."""
SINKS = [API, BROKEN, QUIET]
SPLIT = Spread(4, 1)


class Heard:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)

    def flush(self) -> None: ...


class Ahead(SystemClock):
    """A clock that is put forward by the test."""

    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Scheduler:
    """The scheduler's part, beside which the release before still runs."""

    def __init__(self, server: RedisServer, keys: Keys) -> None:
        self.server, self.keys, self.clock, self.heard = server, keys, Ahead(), Heard()
        self.layouts = Layouts(keys, 4)
        mover = OutboxMover(server=server, keys=keys, clock=self.clock)
        self.book = RedisLayoutBook(server=server, keys=keys, layouts=Layouts(keys, 4), mover=mover)
        wishes = {INTAKE: 4, **{outbox_of(sink): 4 for sink in SINKS}}
        self.keep = KeepLayout(book=self.book, wishes=lambda: wishes, clock=self.clock, observer=self.heard)

    def the_earlier_release_adds(self) -> None:
        """What it left behind, byte for byte."""
        for key, found in PREVIOUS.items():
            ours = self.keys.prefix + key.removeprefix("hr")
            for command in _commands(ours, found):
                self.server.call(*command)

    def waits(self, sink: SinkName) -> int:
        """How many deliveries are shown to wait for a sink."""
        look = DepthsLook(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            policies=lambda _: SinkPolicy(),
            hours=lambda: ALWAYS,
        )
        return whole_depth([*look.at([sink], self.clock.now()).depths[sink].values()]).all_waiting

    def deliveries(self, *shards: Shard) -> list[str]:
        """The deliveries of shards, wherever they wait."""
        return sorted(each.id for shard in shards for each in self._read(shard))

    def misplaced(self, shard: Shard) -> list[str]:
        """Those that do not belong there."""
        return [each.id for each in self._read(shard) if SPLIT.place_of(each.who) != shard.place]

    def _read(self, shard: Shard) -> list[Delivery]:
        routes = self.server.call("SMEMBERS", shard.shut_routes)
        streams = [*shard.entries, *(shard.shut(route.decode()) for route in routes)]  # type: ignore[arg-type]
        records = [fields[b"r"] for each in streams for _, fields in self.server.call("XRANGE", each, "-", "+")]
        retries = self.server.call("ZRANGE", shard.retries, 0, -1)
        if retries:
            records += self.server.call("HMGET", self.keys.retry_records(shard.sink), *retries)
        return [read_delivery(record) for record in records]


def _commands(key: str, found: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    word, held = key.partition(":")[2].partition(":")[0], found["holds"]
    if word not in {"outbox", "retry", "retry-records", "lane", "shut"}:
        return []
    match found["type"]:
        case "stream":
            return [("XADD", key, "*", "r", fields["r"]) for _, fields in held]
        case "hash":
            return [("HSET", key, name, value) for name, value in held.items()]
        case "zset":
            return [("ZADD", key, score, name) for name, score in zip(held[::2], held[1::2], strict=True)]
        case "set":
            return [("SADD", key, *held)]
        case "list":
            return [("RPUSH", key, *held)]
    raise AssertionError(found)


@pytest.fixture
def scheduler(server: RedisServer, keys: Keys) -> Scheduler:
    scheduler = Scheduler(server, keys)
    for _ in range(2):  # lay out and split, and end it, for nothing waits
        scheduler.keep.run()
    assert scheduler.book.read() == Layout({INTAKE: Spread(4), **{outbox_of(sink): SPLIT for sink in SINKS}})
    scheduler.heard.events.clear()
    return scheduler


def test_what_an_earlier_release_adds_to_a_sink_that_is_split_is_shown_and_moved(scheduler: Scheduler) -> None:
    scheduler.the_earlier_release_adds()
    before = {sink: Shard(scheduler.keys, sink) for sink in SINKS}
    expected = {sink: scheduler.deliveries(shard) for sink, shard in before.items()}
    assert all(expected.values())

    scheduler.clock.seconds += STRAYS_EVERY.total_seconds()
    scheduler.keep.run()
    assert {sink: scheduler.waits(sink) for sink in SINKS} == {sink: len(found) for sink, found in expected.items()}
    scheduler.keep.run()

    layout = scheduler.book.read()
    assert layout.changing == {}
    shards = {sink: shards_of(scheduler.keys, layout, sink) for sink in SINKS}
    assert {sink: scheduler.deliveries(*some) for sink, some in shards.items()} == expected
    assert [name for some in shards.values() for shard in some for name in scheduler.misplaced(shard)] == []
    assert [key for shard in before.values() for key in _keys_of(shard) if scheduler.server.call("EXISTS", key)] == []
    names = [outbox_of(sink) for sink in SINKS]
    told = [*(SpreadReopened(what=name) for name in names), *(SpreadEnded(what=name, streams=4) for name in names)]
    assert sorted(scheduler.heard.events, key=repr) == sorted(told, key=repr)


def _keys_of(shard: Shard) -> list[str]:
    return [*shard.entries, shard.retries, shard.shut_routes, shard.shut(RouteName("shut"))]


def test_what_the_earlier_release_serves_by_itself_holds_up_no_shard_of_now(scheduler: Scheduler) -> None:
    scheduler.the_earlier_release_adds()
    stream = scheduler.keys.outbox(API)
    scheduler.server.call("SET", scheduler.keys.lease(stream), "a worker of the release before")
    added = scheduler.server.call("XLEN", stream)

    for _ in range(3):
        scheduler.clock.seconds += STRAYS_EVERY.total_seconds()
        scheduler.keep.run()
    assert scheduler.server.call("XLEN", stream) == added > 0
    assert scheduler.book.read().changing == {}

    scheduler.server.call("DEL", scheduler.keys.lease(stream))  # it died
    scheduler.clock.seconds += STRAYS_EVERY.total_seconds()
    for _ in range(2):
        scheduler.keep.run()
    assert scheduler.book.read().changing == {}
    assert (scheduler.waits(API), scheduler.server.call("XLEN", stream)) == (added, 0)


def test_nothing_is_moved_from_who_took_it_up_again_meanwhile(scheduler: Scheduler) -> None:
    scheduler.the_earlier_release_adds()
    scheduler.clock.seconds += STRAYS_EVERY.total_seconds()
    scheduler.keep.run()
    lease = scheduler.keys.lease(scheduler.keys.outbox(API))
    scheduler.server.call("SET", lease, "a worker of the release before")

    scheduler.keep.run()
    assert set(scheduler.book.read().changing) == {outbox_of(API)}
    assert scheduler.waits(API) == scheduler.server.call("XLEN", scheduler.keys.outbox(API)) > 0

    scheduler.server.call("DEL", lease)
    scheduler.keep.run()
    assert scheduler.book.read().changing == {}
