"""Leads that wait for the CRM's copies, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.hydration import ReadBack, ReadBacks
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.layout import Spread
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Push
from hookrouter.ports.stages import Stage
from hookrouter.ports.streams import HydratedEntries, HydrateEntry
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.hydrating import LARGEST_GATHERING, RedisHydrator
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import take_lease
from hookrouter.store.pushes import LARGEST_ENTRY, LEADS_AN_ENTRY, RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.telemetry.observer import NoObserver
from hookrouter.testing.builders import FIELDS, RECEIVED_AT, a_lead
from hookrouter.wire.kept.records import read_intake
from hookrouter.wire.pushes.lead_schema import read_batch

PARTITIONS = 4
CRM, SURE = SourceName("crm"), SourceName("sure")


@pytest.fixture
def log(server: RedisServer, keys: Keys) -> RedisPushLog:
    return RedisPushLog(
        server=server,
        keys=keys,
        layouts=Layouts(keys, PARTITIONS),
        dedup_window=timedelta(minutes=10),
        keep_pushes=timedelta(days=7),
        keep_rejected=timedelta(days=30),
        read_backs=ReadBacks({CRM: ReadBack.AUTO, SURE: ReadBack.ALWAYS}),
    )


@pytest.fixture
async def hydrator(async_server: AsyncRedisServer, keys: Keys) -> AsyncIterator[RedisHydrator]:
    lease = await take_lease(async_server, keys, keys.hydrate(), "drain")
    assert lease is not None
    yield RedisHydrator(
        lease=lease,
        keys=keys,
        layouts=Layouts(keys, PARTITIONS),
        keep_rejected=timedelta(days=30),
        observer=NoObserver(),
    )
    await lease.release()


def accept(log: RedisPushLog, name: str, leads: list[Json], source: SourceName = CRM) -> list[Stage]:
    push = Push(id=PushId(name), source=source, received_at=RECEIVED_AT, body=name.encode(), headers={})
    return list(log.accept(push, read_batch(leads))[1])


def in_intake(server: RedisServer, keys: Keys, partition: int) -> list[tuple[str, int, str]]:
    found = [read_intake(fields[b"r"]) for _, fields in server.call("XRANGE", keys.intake(partition), "-", "+")]
    return [
        (occasion.push, occasion.place, lead.key)
        for occasions, leads in found
        for occasion, lead in zip(occasions, leads, strict=True)
    ]


def moved(entries: list[HydrateEntry]) -> HydratedEntries:
    """All the leads of some entries as they are."""
    pairs = [pair for entry in entries for pair in zip(entry.occasions, entry.leads, strict=True)]
    return HydratedEntries(entries=[entry.id for entry in entries], leads=pairs, rejected=[], again=[])


@pytest.mark.parametrize(
    ("leads", "source", "stages"),
    [
        ([{"id": "1"}], CRM, {Stage.HYDRATE}),
        ([FIELDS], CRM, {Stage.ROUTE}),
        ([FIELDS, {"id": "1"}], CRM, {Stage.ROUTE, Stage.HYDRATE}),
        ([FIELDS], SURE, {Stage.HYDRATE}),
        ([{"id": "1"}], SourceName("another"), {Stage.ROUTE}),
        ([{"no": "lead"}], SURE, set()),
    ],
)
def test_a_push_rings_for_the_stages_its_leads_wait_for(
    log: RedisPushLog, leads: list[Json], source: SourceName, stages: set[Stage]
) -> None:
    assert set(accept(log, "p_1", leads, source)) == stages
    assert accept(log, "p_2", leads, source) == []


@pytest.mark.parametrize(
    ("leads", "times"),
    [
        ([{"id": "1"}], 2),
        ([{"id": "1", "emailAddress": "a@example.com", "title": None}], 2),
        ([{**FIELDS, "id": "2"}, {"id": "1"}], 2),
        ([{"id": "1", "title": "Buyer"}], 1),
        ([FIELDS], 1),
    ],
)
def test_of_two_changes_that_name_a_lead_and_tell_nothing_both_are_asked_for(
    log: RedisPushLog, server: RedisServer, keys: Keys, leads: list[Json], times: int
) -> None:
    for push in ("p_1", "p_2"):
        same = Push(id=PushId(push), source=CRM, received_at=SystemClock().now(), body=b"the same", headers={})
        log.accept(same, read_batch(leads))

    kept = [push for push in ("p_1", "p_2") if server.call("EXISTS", keys.push(PushId(push)))]
    assert len(kept) == times


async def test_as_many_leads_are_gathered_as_are_wanted_and_one_entry_at_least(
    log: RedisPushLog, hydrator: RedisHydrator
) -> None:
    for push in range(12):
        accept(log, f"p_{push}", [{"id": f"{push}{number:02}"} for number in range(40)])

    assert [entry.occasions[0].push for entry in await hydrator.gather(100)] == ["p_0", "p_1"]
    assert len(await hydrator.gather(1)) == 1
    assert len(await hydrator.gather(10_000)) == 12


async def test_large_leads_are_gathered_by_their_size(log: RedisPushLog, hydrator: RedisHydrator) -> None:
    for push in range(60):
        accept(log, f"p_{push}", [{"id": str(push), "a": "x" * 60_000, "b": "x" * 60_000, "c": "x" * 60_000}])

    gathered = await hydrator.gather(500)

    assert LARGEST_GATHERING // 200_000 < len(gathered) < 60


async def test_leads_go_where_they_belong_those_of_one_push_together_and_in_order(
    log: RedisPushLog, hydrator: RedisHydrator, server: RedisServer, keys: Keys
) -> None:
    for push in range(3):
        accept(log, f"p_{push}", [{"id": str(number)} for number in range(120)])

    assert await hydrator.commit(moved(list(await hydrator.gather(500))))

    assert server.call("XLEN", keys.hydrate()) == 0
    for partition in range(PARTITIONS):
        found = in_intake(server, keys, partition)
        assert found == sorted(found)
        assert {Spread(PARTITIONS).place_of((CRM, a_lead(id=key).key)).number for _, _, key in found} == {partition}
        assert server.call("XLEN", keys.intake(partition)) == 3
    assert sum(len(in_intake(server, keys, partition)) for partition in range(PARTITIONS)) == 360


async def test_copies_much_larger_than_what_was_pushed_make_small_entries(
    log: RedisPushLog, hydrator: RedisHydrator, server: RedisServer, keys: Keys
) -> None:
    accept(log, "p_1", [{"id": str(number)} for number in range(LEADS_AN_ENTRY)])
    entries = list(await hydrator.gather(500))
    grown = [(occasion, a_lead(id=lead.key, text="x" * 60_000)) for occasion, lead in moved(entries).leads]

    await hydrator.commit(HydratedEntries(entries=[entries[0].id], leads=grown, rejected=[], again=[]))

    sizes = [
        len(fields[b"r"])
        for partition in range(PARTITIONS)
        for _, fields in server.call("XRANGE", keys.intake(partition), "-", "+")
    ]
    assert max(sizes) <= LARGEST_ENTRY
    assert sum(len(in_intake(server, keys, partition)) for partition in range(PARTITIONS)) == LEADS_AN_ENTRY


async def test_a_record_that_cannot_be_read_is_set_aside(
    log: RedisPushLog, hydrator: RedisHydrator, server: RedisServer, keys: Keys
) -> None:
    server.call("XADD", keys.hydrate(), "*", "r", b"no record")
    accept(log, "p_1", [{"id": "1"}])

    assert [entry.leads[0].key for entry in await hydrator.gather(500)] == ["1"]
    assert server.call("XLEN", keys.unreadable()) == 1
    assert server.call("XLEN", keys.hydrate()) == 1
