"""Pushes that replicas must have: real servers, one of which stands still or takes over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from notes import Notes
from valkeys import OwnValkey, eventually

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import NotReplicated
from hookrouter.domain.events import NeighbourFailed, PushReceived
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Push
from hookrouter.spool.pushes import PushSpool
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.push_archive import RedisPushArchive
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.rejected import RedisRejected
from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.usecases.feed import FeedSpool
from hookrouter.usecases.pushes import TendPushes
from hookrouter.usecases.receive import Receive
from hookrouter.usecases.rejected import TendRejected
from hookrouter.wire.pushes.lead_schema import read_batch

CRM = SourceName("crm")
KEYS = Keys("hr")


@pytest.fixture
def notes() -> Notes:
    return Notes()


def kept(notes: Notes) -> list[str]:
    """Where each push was kept."""
    return [event.kept for event in notes.of(PushReceived)]


@pytest.fixture
def spool(tmp_path: Path) -> PushSpool:
    return PushSpool(tmp_path / "spool", most_bytes=1_000_000)


@pytest.fixture
def receive(notes: Notes, spool: PushSpool) -> Callable[[OwnValkey], Receive]:
    """A receiver that asks a server for one replica."""
    return lambda valkey: Receive(pushes=log_of(valkey), spool=spool, clock=SystemClock(), observer=notes)


@pytest.fixture
def feed(notes: Notes, spool: PushSpool) -> Callable[[OwnValkey], FeedSpool]:
    return lambda valkey: FeedSpool(spool=spool, pushes=log_of(valkey), wake=Notes(), observer=notes)


def log_of(valkey: OwnValkey) -> RedisPushLog:
    return RedisPushLog(
        server=RedisServer(valkey.url, answer_within=0.5),
        keys=KEYS,
        layouts=Layouts(KEYS, 1),
        dedup_window=timedelta(minutes=10),
        keep_pushes=timedelta(days=7),
        keep_rejected=timedelta(days=30),
        replicas=1,
    )


def body(number: int) -> bytes:
    return b'[{"id": "%d"}]' % number


def pushes_in(valkey: OwnValkey) -> set[str]:
    return {name.decode() for name in valkey.call("ZRANGE", KEYS.pushes(), 0, -1)}


def leads_in(valkey: OwnValkey) -> int:
    return int(valkey.call("XLEN", KEYS.intake(0)))


def test_what_a_replica_confirmed_is_not_spooled(primary, replica, receive, spool, notes) -> None:
    receiver = receive(primary)

    answered = {receiver.take(CRM, body(number), {}).receipt.push for number in range(20)}

    assert kept(notes) == ["redis"] * 20
    assert spool.depth().pushes == 0
    assert pushes_in(replica) == answered


def test_a_replica_that_stands_still_makes_a_copy_on_disk_and_all_is_routed_meanwhile(
    primary, replica, receive, feed, notes
) -> None:
    replica.freeze()
    receiver = receive(primary)

    answered = [receiver.take(CRM, body(number), {}).receipt for number in range(20)]

    assert kept(notes) == ["both"] + ["spool"] * 19
    assert [receipt.duplicate for receipt in answered] == [False] * 20
    with pytest.raises(NotReplicated):
        feed(primary).run()
    assert pushes_in(primary) == {receipt.push for receipt in answered}
    assert leads_in(primary) == feed(primary).spool.depth().pushes == 20


def test_with_a_spool_half_full_not_every_push_waits_for_a_replica_that_is_away(
    primary, replica, receive, tmp_path, notes
) -> None:
    replica.freeze()
    receiver = replace(receive(primary), spool=PushSpool(tmp_path / "small", most_bytes=500))
    receiver.take(CRM, b'[{"id": "0"}]'.ljust(251), {})

    for number in range(1, 17):
        receiver.take(CRM, body(number), {})

    assert kept(notes) == ["both"] * 17
    assert leads_in(primary) == 17, "Redis itself is trusted"
    assert len([event for event in notes.events if isinstance(event, NeighbourFailed)]) < 17


def test_what_was_spooled_is_forgotten_once_the_replica_has_it(primary, replica, receive, feed, spool) -> None:
    replica.freeze()
    answered = {receive(primary).take(CRM, body(number), {}).receipt.push for number in range(8)}
    with pytest.raises(NotReplicated):
        feed(primary).run()
    assert spool.depth().pushes == 8

    replica.thaw()
    eventually(lambda: pushes_in(replica) == answered, "the replica catches up")
    feed(primary).run()

    assert spool.depth().pushes == 0
    assert leads_in(primary) == leads_in(replica) == 8


def test_a_replica_that_takes_over_has_every_push_that_was_answered(primary, replica, receive, feed, spool) -> None:
    answered = {receive(primary).take(CRM, body(number), {}).receipt.push for number in range(10)}
    replica.call("REPLICAOF", LOOPBACK, "1")  # cut off from its primary
    answered |= {receive(primary).take(CRM, body(number), {}).receipt.push for number in range(10, 30)}
    primary.kill()
    replica.call("REPLICAOF", "NO", "ONE")
    assert len(pushes_in(replica)) == 10

    with pytest.raises(NotReplicated):
        feed(replica).run()

    assert pushes_in(replica) == answered
    assert leads_in(replica) == 30
    assert spool.depth().pushes == 20, "the new primary has no replica yet"


def test_what_is_fed_again_and_again_is_routed_once(primary, replica, receive, feed) -> None:
    replica.freeze()
    for number in range(5):
        receive(primary).take(CRM, body(number), {})

    for _ in range(3):
        with pytest.raises(NotReplicated):
            feed(primary).run()

    assert leads_in(primary) == 5


def test_a_push_sent_again_while_its_copy_waits_is_known(primary, replica, receive, spool) -> None:
    replica.freeze()
    first = receive(primary).take(CRM, body(1), {}).receipt

    again = receive(primary).take(CRM, body(1), {}).receipt

    assert (again.push, again.duplicate) == (first.push, True)
    assert leads_in(primary) == spool.depth().pushes == 1


def test_a_push_whose_receiver_was_killed_while_it_waited_gets_its_copy_when_it_is_sent_again(
    primary, replica, receive, spool, notes
) -> None:
    replica.freeze()
    log = log_of(primary)
    receiver = receive(primary)
    taken = receiver.take(CRM, body(1), {}).receipt
    spool.remove(spool.oldest(1))  # as if the receiver had died between Redis and the spool

    again = receiver.take(CRM, body(1), {}).receipt

    assert (again.push, again.duplicate) == (taken.push, True)
    assert [spooled.push.id for spooled in spool.oldest(9)] == [taken.push]
    assert log.missing([taken.push, PushId("p_other")]) == ["p_other"]


def test_a_duplicate_is_confirmed_although_it_writes_nothing(primary, replica, receive, notes) -> None:
    receive(primary).take(CRM, body(1), {})

    receive(primary).take(CRM, body(1), {})

    assert kept(notes) == ["redis", "redis"]


def test_a_server_that_forgot_its_scripts_is_told_them_again(primary, replica, receive, notes) -> None:
    receiver = receive(primary)
    receiver.take(CRM, body(1), {})
    primary.call("SCRIPT", "FLUSH")

    receiver.take(CRM, body(2), {})

    assert kept(notes) == ["redis", "redis"]
    assert leads_in(primary) == 2


def test_a_read_only_server_takes_nothing_and_the_push_is_spooled(primary, replica, receive, notes) -> None:
    receive(replica).take(CRM, body(1), {})

    assert kept(notes) == ["spool"]


def test_a_rejected_lead_that_no_replica_confirms_goes_on_and_stays(primary, replica) -> None:
    log = log_of(primary)
    log.accept(push_of([{"id": "1", "leadScore": "many"}]), read_batch([{"id": "1", "leadScore": "many"}]))
    rejected = RedisRejected(server=log.server, keys=KEYS)
    tend = TendRejected(rejected=rejected, pushes=log, wake=Notes(), clock=SystemClock())
    [kept] = tend.list(limit=9).found
    replica.freeze()

    with pytest.raises(NotReplicated, match="too few replicas"):
        tend.replay(kept.id, {"leadScore": "5"})
    assert leads_in(primary) == 1
    assert tend.list(limit=9).found == [kept]

    replica.thaw()
    eventually(lambda: pushes_in(replica) == pushes_in(primary), "the replica catches up")
    tend.replay(kept.id, {"leadScore": "5"})
    assert tend.list(limit=9).found == []


def test_a_push_taken_again_that_no_replica_confirms_is_named(primary, replica) -> None:
    log = log_of(primary)
    log.keep_refused(push_of([{"id": "1"}]), "400 not JSON")
    tend = TendPushes(RedisPushArchive(server=log.server, keys=KEYS), log, Notes())
    replica.freeze()

    with pytest.raises(NotReplicated, match="too few replicas"):
        tend.replay("p_1")

    assert leads_in(primary) == 1


def push_of(leads: list[Json]) -> Push:
    return Push(id=PushId("p_1"), source=CRM, received_at=SystemClock().now(), body=orjson.dumps(leads), headers={})
