"""Pushes in the spool, with the real spool and a Redis that comes and goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.bounds import Bounds
from hookrouter.domain.errors import PushRefused, StoreAway
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Batch, Push, Receipt
from hookrouter.ports.receiver import Accepted
from hookrouter.ports.stages import Stage
from hookrouter.spool.file import FILE
from hookrouter.spool.pushes import PushSpool
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.telemetry.observer import NoObserver
from hookrouter.usecases.feed import FeedSpool
from hookrouter.usecases.receive import Receive
from hookrouter.wire.kept.records import read_intake
from hookrouter.wire.pushes.push import PushReader

CRM = SourceName("crm")
ROOM = 1000


@dataclass
class ComingAndGoing:
    """The push log of Redis, which can be taken away."""

    log: RedisPushLog
    is_away: bool = False

    def accept_safely(self, push: Push, batch: Batch, *, wait: bool = True) -> Accepted:
        if self.is_away:
            raise StoreAway("Redis is not reachable")
        return self.log.accept_safely(push, batch, wait=wait)

    def keep_refused(self, push: Push, refused: str, *, for_good: bool = False) -> None:
        if self.is_away:
            raise StoreAway("Redis is not reachable")
        self.log.keep_refused(push, refused, for_good=for_good)


@dataclass
class NoWake:
    rung: list[Stage] = field(default_factory=list)

    def ring(self, stage: Stage) -> None:
        self.rung.append(stage)


@pytest.fixture
def redis(server: RedisServer, keys: Keys) -> ComingAndGoing:
    day = timedelta(days=1)
    return ComingAndGoing(
        RedisPushLog(
            server=server, keys=keys, layouts=Layouts(keys, 1), dedup_window=day, keep_pushes=day, keep_rejected=day
        )
    )


@pytest.fixture
def spool(tmp_path: Path) -> PushSpool:
    return PushSpool(tmp_path, most_bytes=ROOM)


@pytest.fixture
def receive(redis: ComingAndGoing, spool: PushSpool) -> Receive:
    return Receive(pushes=redis, spool=spool, clock=SystemClock(), observer=NoObserver())


@pytest.fixture
def feed(redis: ComingAndGoing, spool: PushSpool) -> FeedSpool:
    return FeedSpool(spool=spool, pushes=redis, wake=NoWake(), observer=NoObserver())


def take(receive: Receive, number: int, padding: int = 0) -> Receipt:
    return receive.take(CRM, b'[{"id": "%d"}]' % number + b" " * padding, {}).receipt


@pytest.fixture
def in_redis(server: RedisServer, keys: Keys) -> Callable[[], list[str]]:
    """The leads in the intake."""

    def read() -> list[str]:
        entries = server.call("XRANGE", keys.intake(0), "-", "+")
        return [lead.key for _, fields in entries for lead in read_intake(fields[b"r"])[1]]

    return read


def test_a_push_waits_behind_those_that_are_older(
    receive: Receive, feed: FeedSpool, redis: ComingAndGoing, in_redis: Callable[[], list[str]]
) -> None:
    redis.is_away = True
    take(receive, 1)
    redis.is_away = False
    take(receive, 2)
    assert in_redis() == []

    assert feed.run() == 2
    take(receive, 3)

    assert in_redis() == ["1", "2", "3"]


def test_a_push_goes_past_a_spool_that_is_half_full(
    receive: Receive, redis: ComingAndGoing, in_redis: Callable[[], list[str]]
) -> None:
    redis.is_away = True
    take(receive, 1, padding=ROOM // 2)
    redis.is_away = False

    take(receive, 2)

    assert in_redis() == ["2"]


def test_a_push_goes_past_a_spool_that_takes_nothing(
    receive: Receive, redis: ComingAndGoing, spool: PushSpool, in_redis: Callable[[], list[str]], tmp_path: Path
) -> None:
    redis.is_away = True
    take(receive, 1)
    redis.is_away = False
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("CREATE TRIGGER full BEFORE INSERT ON push BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    file.close()

    take(receive, 2)

    assert in_redis() == ["2"]
    assert spool.depth().pushes == 1


def test_a_push_that_redis_took_half_is_spooled_and_fed_under_its_name(
    receive: Receive, feed: FeedSpool, server: RedisServer, keys: Keys
) -> None:
    server.call("SET", keys.pushes(), "no sorted set")  # what is written last fails
    first = take(receive, 1)
    server.call("DEL", keys.pushes())

    again = take(receive, 1)
    assert feed.run() == 1

    assert (again.push, again.duplicate) == (first.push, True)
    entries = server.call("XRANGE", keys.intake(0), "-", "+")
    assert {one.push for _, fields in entries for one in read_intake(fields[b"r"])[0]} == {first.push}
    assert server.call("HEXISTS", keys.push(first.push), "receipt")


def test_what_was_fed_and_not_yet_removed_is_fed_again_for_nothing(
    receive: Receive, feed: FeedSpool, redis: ComingAndGoing, spool: PushSpool, in_redis: Callable[[], list[str]]
) -> None:
    redis.is_away = True
    take(receive, 1)
    redis.is_away = False
    [waiting] = spool.oldest(1)
    assert feed.run() == 1
    spool.keep(waiting.push, Receipt(push=waiting.push.id, leads=1, accepted=1, rejected=0))

    assert feed.run() == 1

    assert in_redis() == ["1"]


def test_a_damaged_record_holds_up_neither_those_behind_it_nor_new_ones(
    receive: Receive, feed: FeedSpool, redis: ComingAndGoing, in_redis: Callable[[], list[str]], tmp_path: Path
) -> None:
    redis.is_away = True
    for number in (1, 2, 3):
        take(receive, number)
    redis.is_away = False
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE push SET headers = x'7b7b' WHERE place = 1")
    file.close()

    assert feed.run() == 2
    take(receive, 4)

    assert in_redis() == ["2", "3", "4"]


def test_what_cannot_be_read_is_kept_on_disk_until_redis_is_back(
    receive: Receive, feed: FeedSpool, redis: ComingAndGoing, spool: PushSpool
) -> None:
    server, keys = redis.log.server, redis.log.keys
    redis.is_away = True
    with pytest.raises(PushRefused):
        receive.take(CRM, b"<lead/>", {})
    [waiting] = spool.oldest(9)
    redis.is_away = False

    assert feed.run() == 1

    assert server.call("HMGET", keys.push(waiting.push.id), "body", "refused") == [b"<lead/>", b"400 not JSON"]
    assert server.call("LRANGE", keys.refused_pushes(), 0, -1) == [waiting.push.id.encode()]
    assert spool.depth().pushes == 0


def test_what_was_answered_and_cannot_be_read_any_more_is_kept_for_good(
    receive: Receive, feed: FeedSpool, redis: ComingAndGoing, spool: PushSpool
) -> None:
    server, keys = redis.log.server, redis.log.keys
    redis.is_away = True
    taken = take(receive, 1)
    take(receive, 2)
    redis.is_away = False
    narrow = replace(feed, reader=PushReader(bounds=Bounds(leads=0)))

    assert narrow.run() == 2

    assert server.call("HGET", keys.push(taken.push), "refused") == b"413 too many leads"
    assert not server.call("EXISTS", keys.refused_pushes())
    assert spool.depth().pushes == 0


def test_while_redis_hangs_it_is_not_asked_for_each_push_that_cannot_be_read(
    receive: Receive, redis: ComingAndGoing, spool: PushSpool
) -> None:
    redis.is_away = True
    for number in range(9):
        with pytest.raises(PushRefused):
            receive.take(CRM, b"<lead%d/>" % number, {})
    redis.is_away = False

    with pytest.raises(PushRefused):
        receive.take(CRM, b"<lead/>", {})

    assert spool.depth().pushes == 10


def test_the_same_body_spooled_again_after_the_window_is_routed_again(
    redis: ComingAndGoing, tmp_path: Path, in_redis: Callable[[], list[str]]
) -> None:
    window, now = timedelta(minutes=10), SystemClock().now()
    spool = PushSpool(tmp_path, most_bytes=ROOM, window=window)
    log = ComingAndGoing(replace(redis.log, dedup_window=window))
    for number, ago in enumerate((30, 15, 3, 2)):
        name, at = PushId(f"p_{number}"), now - timedelta(minutes=ago)
        push = Push(id=name, source=CRM, received_at=at, body=b'[{"id": "1"}]', headers={})
        spool.keep(push, Receipt(push=name, leads=1, accepted=1, rejected=0))

    assert FeedSpool(spool=spool, pushes=log, wake=NoWake(), observer=NoObserver()).run() == 3

    assert in_redis() == ["1", "1", "1"]
