"""Pushes put safely on a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.layout import Spread
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Push, Receipt
from hookrouter.domain.rejection import Rejection
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pushes import LEADS_AN_ENTRY, RedisPushLog
from hookrouter.store.rejected import RedisRejected
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import FIELDS, RECEIVED_AT, a_lead
from hookrouter.wire.kept.records import read_intake
from hookrouter.wire.pushes.lead_schema import read_batch

PARTITIONS = 4
CRM = SourceName("crm")


class AtArrival(SystemClock):
    """The moment in which pushes come."""

    def now(self) -> datetime:
        return RECEIVED_AT


@pytest.fixture
def log(server: RedisServer, keys: Keys) -> RedisPushLog:
    return RedisPushLog(
        server=server,
        keys=keys,
        layouts=Layouts(keys, PARTITIONS),
        dedup_window=timedelta(minutes=10),
        keep_pushes=timedelta(days=7),
        keep_rejected=timedelta(days=30),
        clock=AtArrival(),
    )


@pytest.fixture
def rejected(server: RedisServer, keys: Keys) -> RedisRejected:
    return RedisRejected(server=server, keys=keys)


def push(name: str = "p_1", body: bytes = b"body", source: SourceName = CRM) -> Push:
    return Push(id=PushId(name), source=source, received_at=RECEIVED_AT, body=body, headers={"X-Test": "yes"})


def waiting(server: RedisServer, keys: Keys) -> list[str]:
    """The leads in the intake, in the order of each partition."""
    entries = [entry for number in range(PARTITIONS) for entry in server.call("XRANGE", keys.intake(number), "-", "+")]
    return [lead.key for _, fields in entries for lead in read_intake(fields[b"r"])[1]]


def some_leads(count: int) -> list[Json]:
    return [{**FIELDS, "id": str(number)} for number in range(count)]


def test_a_push_sent_twice_is_taken_once(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    batch = read_batch(some_leads(3))
    first, _ = log.accept(push("p_1"), batch)

    second, rings = log.accept(push("p_2"), batch)

    assert first == Receipt(push=PushId("p_1"), leads=3, accepted=3, rejected=0)
    assert second == Receipt(push=PushId("p_1"), leads=3, accepted=3, rejected=0, duplicate=True)
    assert not rings
    assert len(waiting(server, keys)) == 3
    assert server.call("ZCARD", keys.pushes()) == 1


def test_of_many_that_are_sent_at_once_one_is_taken(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    batch = read_batch(some_leads(2))

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda number: log.accept(push(f"p_{number}"), batch)[0], range(16)))

    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert len({receipt.push for receipt in receipts}) == 1
    assert len(waiting(server, keys)) == 2


def test_a_push_that_failed_half_way_is_taken_at_the_next_try(
    log: RedisPushLog, server: RedisServer, keys: Keys
) -> None:
    for partition in range(PARTITIONS):
        server.call("SET", keys.intake(partition), "no stream")
    with pytest.raises(StoreAway):
        log.accept(push(), read_batch(some_leads(1)))
    for partition in range(PARTITIONS):
        server.call("DEL", keys.intake(partition))

    receipt, _ = log.accept(push(), read_batch(some_leads(1)))

    assert not receipt.duplicate
    assert waiting(server, keys) == ["0"]


@pytest.mark.parametrize(
    "other", [push("p_2", body=b"another"), push("p_2", source=SourceName("forms"))], ids=["body", "source"]
)
def test_another_body_or_source_is_another_push(
    log: RedisPushLog, server: RedisServer, keys: Keys, other: Push
) -> None:
    log.accept(push(), read_batch(some_leads(1)))

    receipt, _ = log.accept(other, read_batch(some_leads(1)))

    assert not receipt.duplicate
    assert len(waiting(server, keys)) == 2


def test_only_the_first_of_several_pushes_rings(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    rings = [log.accept(push(f"p_{number}", b"%d" % number), read_batch(some_leads(1)))[1] for number in range(3)]

    assert [list(stages) for stages in rings] == [[Stage.ROUTE], [], []]
    server.call("DEL", keys.wake(Stage.ROUTE))
    assert list(log.accept(push("p_9", b"9"), read_batch(some_leads(1)))[1]) == [Stage.ROUTE]


def test_an_empty_push_rings_nobody_and_is_kept(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    receipt, rings = log.accept(push(), read_batch([]))

    assert (receipt.leads, list(rings)) == (0, [])
    assert server.call("HGET", keys.push(PushId("p_1")), "body") == b"body"


def test_every_lead_waits_in_its_own_partition(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    count = LEADS_AN_ENTRY * PARTITIONS * 2

    log.accept(push(), read_batch(some_leads(count)))

    assert sorted(waiting(server, keys), key=int) == [str(number) for number in range(count)]
    for number in range(PARTITIONS):
        for _, fields in server.call("XRANGE", keys.intake(number), "-", "+"):
            leads = read_intake(fields[b"r"])[1]
            assert len(leads) <= LEADS_AN_ENTRY
            assert {Spread(PARTITIONS).place_of((CRM, lead.key)).number for lead in leads} == {number}


def test_updates_of_one_lead_stay_in_their_order(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    batch = read_batch([{"id": "1", "leadScore": str(score)} for score in range(120)])

    log.accept(push(), batch)

    entries = server.call(
        "XRANGE", keys.intake(Spread(PARTITIONS).place_of((CRM, a_lead(id="1").key)).number), "-", "+"
    )
    scores = [lead.fields["leadScore"] for _, fields in entries for lead in read_intake(fields[b"r"])[1]]
    assert scores == [str(score) for score in range(120)]


def test_bad_leads_are_kept_with_their_faults_beside_the_good(
    log: RedisPushLog, rejected: RedisRejected, server: RedisServer, keys: Keys
) -> None:
    receipt, _ = log.accept(push(), read_batch([{"id": "1"}, {"id": "2", "leadScore": "many"}]))

    assert (receipt.accepted, receipt.rejected) == (1, 1)
    assert waiting(server, keys) == ["1"]
    expected = Rejection(
        id="p_1-1",
        push=PushId("p_1"),
        source=CRM,
        place=1,
        at=RECEIVED_AT,
        errors={"leadScore": "not a number"},
        lead={"id": "2", "leadScore": "many"},
    )
    assert rejected.find("p_1-1") == expected
    assert rejected.list(limit=10).found == [expected]


def test_rejected_leads_are_paged(log: RedisPushLog, rejected: RedisRejected) -> None:
    log.accept(push(), read_batch([{"no": str(number)} for number in range(5)]))

    first = rejected.list(limit=3)
    second = rejected.list(limit=3, after=first.end)

    assert [each.place for each in (*first.found, *second.found)] == [4, 3, 2, 1, 0]
    assert second.end is None


def test_a_rejection_that_is_gone_is_not_found(rejected: RedisRejected) -> None:
    assert rejected.find("p_0-0") is None
    assert rejected.list(limit=5).found == []
