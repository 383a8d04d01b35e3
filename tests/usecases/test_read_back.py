"""Leads read back from a simulated CRM over HTTP, under each mode, in whatever state the CRM is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from notes import Notes, ShiftedClock
from runtimes import runtime_at

from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.crm.leads import CrmLeadCopies
from hookrouter.domain.events import LeadUnconfirmed, NeighbourFailed
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Receipt
from hookrouter.ports.stages import Stage
from hookrouter.ports.streams import Hydrator
from hookrouter.ports.turns import Turns
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk as OperatorsDesk
from hookrouter.simulator import methods
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.leads import FIRST_ID, ID_STEP
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.refusals import Refused
from hookrouter.simulator.server import Simulator, serving
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.limits import RedisRateLimit
from hookrouter.usecases import hydrate as hydrate_module
from hookrouter.usecases.hydrate import UNKNOWN, HydrateLeads
from hookrouter.wire.kept.records import read_intake

ACCOUNT, SECRET = "2_0A1B2C3D", "SECRET0KEY0OF0TESTS"
CONFIGURATION = f"""
version: 1
receiver:
  sources:
    auto: {{token: read-back-of-some-0123}}
    sure: {{token: read-back-of-all-01234, read_back: always}}
    never: {{token: read-back-of-none-0123, read_back: never}}
crm: {{account_id: {ACCOUNT}, secret_key: {SECRET}, url: "http://127.0.0.1:1/"}}
sinks: {{all: {{type: stdout}}}}
routes: [{{name: every-lead, to: [all]}}]
"""
SLOW = 1 / 3600
"""Permits a second; so few that none comes back while a test runs."""

AUTO, SURE, NEVER = SourceName("auto"), SourceName("sure"), SourceName("never")


def crm_id(number: int) -> str:
    return str(FIRST_ID + number * ID_STEP)


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not reached():  # noqa: ASYNC110 - the state is in Redis
            await asyncio.sleep(0.01)


@dataclass
class NotedPermits:
    """The bucket of permits, with a count of those that it did not give."""

    bucket: RedisRateLimit
    refused: int = 0

    async def take(self) -> timedelta:
        wait = await self.bucket.take()
        self.refused += bool(wait)
        return wait


@dataclass
class Desk:
    """A receiver, the hydrate stage and the CRM, in one process."""

    runtime: Runtime
    simulator: Simulator
    server: AsyncRedisServer
    stage: HydrateLeads
    told: Notes
    asked: list[tuple[str, Sequence[str]]]
    clock: ShiftedClock
    permits: NotedPermits

    def push(self, source: SourceName, leads: object) -> Receipt:
        return self.runtime.receive().take(source, json.dumps(leads).encode(), {}).receipt

    async def hydrator(self) -> Hydrator:
        hydrator = await self.runtime.leases(self.server).hydrator()
        assert hydrator is not None
        return hydrator

    async def drain(self) -> int:
        hydrator = await self.hydrator()
        try:
            async with asyncio.timeout(30):
                return await self.stage.drain(hydrator, "hydrate")
        finally:
            await hydrator.release()

    def waiting(self) -> int:
        return self.runtime.backlog.depth(Stage.HYDRATE)

    def routed(self) -> dict[str, list[dict[str, Json]]]:
        """What is in the intake by source, in the order of each partition."""
        found: dict[str, list[dict[str, Json]]] = {}
        for partition in range(self.runtime.settings.partitions):
            for _, entry in self.runtime.server.call("XRANGE", self.runtime.keys.intake(partition), "-", "+"):
                occasions, leads = read_intake(entry[b"r"])
                for occasion, lead in zip(occasions, leads, strict=True):
                    found.setdefault(occasion.source, []).append({"_key": lead.key, **lead.fields})
        return found

    def rejected(self) -> list[Any]:
        return [(each.lead, each.errors) for each in OperatorsDesk(self.runtime).rejected().list(limit=100).found]


class NotedCopies(CrmLeadCopies):
    """The CRM's copies, with a note of what was asked for."""

    def __init__(self, client: CrmClient, asked: list[tuple[str, Sequence[str]]]) -> None:
        super().__init__(client)
        self._asked = asked

    async def by_ids(self, ids: Sequence[str]) -> Any:
        self._asked.append(("ids", ids))
        return await super().by_ids(ids)

    async def by_addresses(self, addresses: Sequence[str]) -> Any:
        self._asked.append(("addresses", addresses))
        return await super().by_addresses(addresses)


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    opened = runtime_at(tmp_path, valkey.url, CONFIGURATION)
    yield opened
    opened.server.client.close()


@asynccontextmanager
async def desk_with(
    runtime: Runtime, *, leads: int = 5, second_look: float = 0.0, rate: float = 1000.0, secret: str = SECRET
) -> AsyncIterator[Desk]:
    simulator = Simulator(
        account_id=ACCOUNT,
        secret_key=SECRET,
        leads=leads,
        pushing=Pushing(batch_delay=0.01),
        allowance=Allowance(per_second=0),
    )
    server, told, clock = AsyncRedisServer(runtime.url), Notes(), ShiftedClock()
    asked: list[tuple[str, Sequence[str]]] = []
    permits = NotedPermits(RedisRateLimit(server=server, keys=runtime.keys, name="crm", rate=rate))
    async with serving(simulator), open_crm_session() as session:
        client = CrmClient(url=simulator.api_url, account_id=ACCOUNT, secret_key=secret, session=session, timeout=0.5)
        stage = HydrateLeads(
            copies=NotedCopies(client, asked),
            turns=Turns(permits=permits, clock=clock, should_stop=runtime.stopping.is_set),
            wake=told,
            clock=clock,
            observer=told,
            should_stop=runtime.stopping.is_set,
            second_look=timedelta(seconds=second_look),
        )
        yield Desk(runtime, simulator, server, stage, told, asked, clock, permits)
    await server.close()


@pytest.fixture
async def desk(runtime: Runtime) -> AsyncIterator[Desk]:
    async with desk_with(runtime) as made:
        yield made


async def test_a_partial_lead_is_completed_and_keeps_what_the_crm_does_not_have(desk: Desk) -> None:
    known = dict(desk.simulator.book.by_id(crm_id(0)) or {})

    desk.push(AUTO, [{"id": crm_id(0), "leadScore": "1", "field_300000002": "blue"}])
    drained = await desk.drain()

    assert (drained, desk.waiting()) == (1, 0)
    assert desk.routed() == {"auto": [{"_key": crm_id(0), **known, "field_300000002": "blue"}]}
    assert desk.told.rings == [Stage.ROUTE]


async def test_whole_leads_of_the_same_push_do_not_wait(desk: Desk) -> None:
    whole = dict(desk.simulator.book.by_id(crm_id(1)) or {})

    receipt = desk.push(AUTO, [{"id": crm_id(0)}, whole])

    assert receipt.accepted == 2
    assert desk.waiting() == 1
    assert [lead["id"] for lead in desk.routed()["auto"]] == [crm_id(1)]
    await desk.drain()
    assert sorted(str(lead["id"]) for lead in desk.routed()["auto"]) == [crm_id(0), crm_id(1)]


async def test_a_source_that_never_reads_back_takes_leads_as_they_are(desk: Desk) -> None:
    desk.push(NEVER, [{"id": crm_id(0)}])

    assert desk.waiting() == 0
    assert desk.routed() == {"never": [{"_key": crm_id(0), "id": crm_id(0)}]}


async def test_only_what_the_crm_confirms_is_routed_and_as_the_crm_has_it(desk: Desk) -> None:
    known = dict(desk.simulator.book.by_id(crm_id(2)) or {})
    forged = {"id": "999999", "leadStatus": "customer"}

    desk.push(SURE, [{**known, "leadScore": "100", "leadStatus": "customer", "note": "forged"}, forged])
    await desk.drain()

    assert desk.routed() == {"sure": [{"_key": crm_id(2), **known}]}
    assert desk.rejected() == [(forged, {"id": UNKNOWN})]


async def test_a_later_date_forges_nothing_under_always(desk: Desk) -> None:
    known = dict(desk.simulator.book.by_id(crm_id(2)) or {})

    desk.push(SURE, [{**known, "leadScore": "100", "updateTimestamp": "2099-01-01 00:00:00"}])
    await desk.drain()

    assert desk.routed() == {"sure": [{"_key": crm_id(2), **known}]}


async def test_a_lead_that_the_crm_does_not_know_goes_on_as_pushed_under_auto(desk: Desk) -> None:
    receipt = desk.push(AUTO, [{"id": "999999", "leadScore": "7"}])

    await desk.drain()

    assert desk.routed() == {"auto": [{"_key": "999999", "id": "999999", "leadScore": "7"}]}
    [event] = [event for event in desk.told.events if isinstance(event, LeadUnconfirmed)]
    assert (event.push, event.result, event.reason) == (receipt.push, "unchanged", UNKNOWN)


async def test_leads_without_an_id_are_found_by_their_address_however_it_is_written(desk: Desk) -> None:
    addresses = [str((desk.simulator.book.by_id(crm_id(number)) or {})["emailAddress"]) for number in range(3)]
    desk.simulator.book.update({"id": crm_id(1), "emailAddress": "o'neil@example.com"})

    desk.push(AUTO, [{"emailAddress": addresses[0].swapcase()}, {"emailAddress": "O&#039;Neil@example.com"}])
    desk.push(AUTO, [{"emailAddress": addresses[0]}, {"emailAddress": "nobody@example.com"}])
    await desk.drain()

    assert sorted(str(lead["_key"]) for lead in desk.routed()["auto"]) == [
        *sorted([crm_id(0), crm_id(0), crm_id(1)]),
        "email:nobody@example.com",
    ]
    [(kind, asked)] = desk.asked
    assert (kind, len(asked)) == ("addresses", 3)


async def test_a_postback_of_a_form_is_completed(desk: Desk) -> None:
    body = f"leadID={crm_id(0)}&emailAddress=x%40example.com&formid__sb=9&field_123=green".encode()

    desk.runtime.receive().take(AUTO, body, {"Content-Type": "application/x-www-form-urlencoded"})
    await desk.drain()

    [lead] = desk.routed()["auto"]
    known = dict(desk.simulator.book.by_id(crm_id(0)) or {})
    assert lead == {"_key": crm_id(0), "leadID": crm_id(0), "formid__sb": "9", "field_123": "green", **known}


async def test_a_changed_address_an_inactive_lead_and_a_repeated_one_are_confirmed(desk: Desk) -> None:
    before = dict(desk.simulator.book.by_id(crm_id(0)) or {})
    desk.simulator.book.update({"id": crm_id(0), "emailAddress": "new@example.com"})
    desk.simulator.book.update({"id": crm_id(1), "active": "0"})

    desk.push(SURE, [before, {"id": crm_id(1)}, {"id": int(crm_id(0))}])
    await desk.drain()

    told = {(lead["id"], lead["emailAddress"], lead["active"]) for lead in desk.routed()["sure"]}
    inactive = (desk.simulator.book.by_id(crm_id(1)) or {})["emailAddress"]
    assert told == {(crm_id(0), "new@example.com", "1"), (crm_id(1), inactive, "0")}
    assert len(desk.routed()["sure"]) == 3
    assert [sorted(ids) for _, ids in desk.asked] == [[crm_id(0), crm_id(1)]]


async def test_a_deleted_lead_is_rejected_and_can_be_replayed_when_it_is_known_again(desk: Desk) -> None:
    desk.push(SURE, [{"id": "999999"}])
    await desk.drain()
    [first] = OperatorsDesk(desk.runtime).rejected().list(limit=9).found

    OperatorsDesk(desk.runtime).rejected().replay(first.id, {})
    await desk.drain()
    [second] = OperatorsDesk(desk.runtime).rejected().list(limit=9).found
    receipt = OperatorsDesk(desk.runtime).rejected().replay(second.id, {})
    repaired = desk.waiting()
    await desk.drain()
    [third] = OperatorsDesk(desk.runtime).rejected().list(limit=9).found
    OperatorsDesk(desk.runtime).rejected().replay(third.id, {"id": crm_id(0)})
    await desk.drain()

    assert (receipt.duplicate, repaired) == (False, 1)
    assert desk.rejected() == []
    assert [lead["id"] for lead in desk.routed()["sure"]] == [crm_id(0)]


async def test_what_the_crm_does_not_know_yet_is_asked_for_once_more(runtime: Runtime) -> None:
    async with desk_with(runtime, leads=1, second_look=3600) as desk:
        desk.push(SURE, [{"id": crm_id(0)}, {"id": crm_id(1)}, {"id": "999999"}])
        draining = asyncio.create_task(desk.drain())
        await until(desk.routed)
        assert [lead["id"] for lead in desk.routed()["sure"]] == [crm_id(0)]

        desk.simulator.book.create({"emailAddress": "late@example.com"})
        desk.clock.ahead = timedelta(hours=2)
        await draining

        assert {lead["id"] for lead in desk.routed()["sure"]} == {crm_id(0), crm_id(1)}
        assert [lead for lead, _ in desk.rejected()] == [{"id": "999999"}]
        assert [len(ids) for _, ids in desk.asked] == [3, 2]


async def test_many_pushes_are_gathered_into_few_calls(runtime: Runtime) -> None:
    async with desk_with(runtime, leads=1200) as desk:
        for first in range(0, 1200, 24):
            desk.push(AUTO, [{"id": crm_id(number)} for number in range(first, first + 24)])

        await desk.drain()

        assert [len(ids) for _, ids in desk.asked] == [480, 480, 240]
        assert {lead["id"] for lead in desk.routed()["auto"]} == {crm_id(number) for number in range(1200)}


async def test_1200_leads_of_one_push_take_three_calls(runtime: Runtime) -> None:
    async with desk_with(runtime, leads=1200) as desk:
        desk.push(SURE, [{"id": crm_id(number)} for number in range(1200)])

        await desk.drain()

        assert [len(ids) for _, ids in desk.asked] == [500, 500, 200]
        assert len(desk.routed()["sure"]) == 1200
        assert all(lead["createTimestamp"] for lead in desk.routed()["sure"])


async def test_a_crm_that_gives_fewer_than_asked_for_costs_no_lead_its_copy(runtime: Runtime) -> None:
    async with desk_with(runtime, leads=450) as desk:
        desk.simulator.dials.turn({"quirks": {"largest_page": 100}})
        desk.push(SURE, [{"id": crm_id(number)} for number in range(450)])
        await desk.drain()

        assert len(desk.routed()["sure"]) == 450
        assert [len(ids) for _, ids in desk.asked] == [450, 350, 250, 150, 50]


@pytest.mark.parametrize(
    ("mode", "sizes"),
    [(FaultMode.RATE, [400, 400]), (FaultMode.THROTTLED, [400, 400]), (FaultMode.HTML_504, [400, 250, 150])],
)
async def test_who_asks_too_often_asks_for_no_fewer_at_once(
    runtime: Runtime, mode: FaultMode, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hydrate_module, "SHORTEST_PAUSE", timedelta(milliseconds=10))
    async with desk_with(runtime, leads=400) as desk:
        desk.simulator.faults.switch(mode, calls=1)
        desk.push(SURE, [{"id": crm_id(number)} for number in range(400)])
        await desk.drain()

        assert [len(ids) for _, ids in desk.asked] == sizes


async def test_calls_keep_to_the_rate_that_all_share(runtime: Runtime) -> None:
    async with desk_with(runtime, leads=1000, rate=SLOW) as desk:
        desk.push(AUTO, [{"id": crm_id(number)} for number in range(1000)])
        draining = asyncio.create_task(desk.drain())
        await until(lambda: desk.permits.refused)

        runtime.stopping.set()
        await draining

        assert [len(ids) for _, ids in desk.asked] == [500]
        assert (len(desk.routed()["auto"]), desk.waiting()) == (500, 10)


AWAY = [FaultMode.HTML_503, FaultMode.HTML_200, FaultMode.THROTTLED, FaultMode.QUOTA, FaultMode.SLOW]


@pytest.mark.parametrize("mode", AWAY)
@pytest.mark.parametrize("source", [AUTO, SURE])
async def test_leads_wait_while_the_crm_is_away_and_others_do_not(
    desk: Desk, mode: FaultMode, source: SourceName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hydrate_module, "SHORTEST_PAUSE", 0.05)
    desk.simulator.faults.switch(mode, 60)
    whole = dict(desk.simulator.book.by_id(crm_id(1)) or {})
    desk.push(source, [{"id": crm_id(0)}, {"id": "999999"}])
    desk.push(AUTO, [whole])

    draining = asyncio.create_task(desk.drain())
    await until(lambda: sum(isinstance(event, NeighbourFailed) for event in desk.told.events) > 1)
    assert [lead["id"] for lead in desk.routed()["auto"]] == [crm_id(1)]
    assert (desk.waiting(), desk.rejected()) == (1, [])
    assert "the CRM" in (desk.runtime.census.crm_away() or "")
    [part] = [part for part in desk.runtime.examine().all() if part.name == "crm"]
    assert (part.status, part.value) == ("warn", desk.runtime.census.crm_away())
    desk.simulator.faults.switch(FaultMode.NONE)
    await draining

    assert crm_id(0) in [lead["id"] for lead in desk.routed()[source]]
    assert desk.waiting() == 0
    assert desk.runtime.census.crm_away() is None


async def test_wrong_keys_delay_leads_and_lose_none(runtime: Runtime) -> None:
    async with desk_with(runtime, secret="WRONG") as desk:
        desk.push(SURE, [{"id": crm_id(0)}])
        draining = asyncio.create_task(desk.drain())
        await until(lambda: desk.told.events)

        runtime.stopping.set()
        await draining

        assert "credentials" in getattr(desk.told.events[0], "reason", "")
        assert (desk.waiting(), desk.routed(), desk.rejected()) == (1, {}, [])


async def test_one_lead_that_the_crm_refuses_costs_the_others_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = desk.simulator.book.by_id

    def refusing(lead_id: object) -> Any:
        if lead_id == "poison":
            raise Refused(205)
        return by_id(lead_id)

    monkeypatch.setattr(desk.simulator.book, "by_id", refusing)
    desk.push(SURE, [{"id": crm_id(0)}, {"id": "poison"}, {"id": crm_id(1)}, {"id": crm_id(2)}])

    await desk.drain()

    assert {lead["id"] for lead in desk.routed()["sure"]} == {crm_id(0), crm_id(1), crm_id(2)}
    assert desk.rejected() == [({"id": "poison"}, {"": "the CRM refused to read it (code 205)"})]


async def test_a_copy_that_cannot_be_taken_is_told_by_its_faults(desk: Desk) -> None:
    known = desk.simulator.book.by_id(crm_id(0))
    assert known is not None
    known["leadScore"] = "many"

    desk.push(SURE, [{"id": crm_id(0)}])
    desk.push(AUTO, [{"id": crm_id(0)}, {"emailAddress": known["emailAddress"]}])
    await desk.drain()

    assert desk.rejected() == [({"id": crm_id(0)}, {"leadScore": "in the CRM's copy: not a number"})]
    assert len(desk.routed()["auto"]) == 2


async def test_an_answer_without_a_list_rejects_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "METHODS", {"getLeads": lambda _world, _params: {"field": []}})
    desk.push(SURE, [{"id": crm_id(0)}])
    draining = asyncio.create_task(desk.drain())
    await until(lambda: desk.told.events)

    desk.runtime.stopping.set()
    await draining

    assert (desk.waiting(), desk.rejected()) == (1, [])


async def test_without_a_crm_nothing_waits_for_ever(desk: Desk, runtime: Runtime) -> None:
    desk.push(SURE, [{"id": crm_id(0)}])
    desk.push(AUTO, [{"id": crm_id(1)}])
    bare = HydrateLeads(
        copies=None,
        turns=Turns(
            permits=RedisRateLimit(server=desk.server, keys=runtime.keys, name="crm", rate=1),
            clock=runtime.clock,
            should_stop=runtime.stopping.is_set,
        ),
        wake=desk.told,
        clock=runtime.clock,
        observer=desk.told,
        should_stop=runtime.stopping.is_set,
    )

    await bare.drain(await desk.hydrator(), "hydrate")

    assert [lead["id"] for lead in desk.routed()["auto"]] == [crm_id(1)]
    assert desk.rejected() == [({"id": crm_id(0)}, {"": "no CRM is configured"})]


async def test_who_lost_the_lease_moves_nothing(desk: Desk) -> None:
    desk.push(AUTO, [{"id": crm_id(0)}])
    hydrator = await desk.hydrator()
    await desk.server.call("SET", desk.runtime.keys.lease(desk.runtime.keys.hydrate()), "another")

    await desk.stage.drain(hydrator, "hydrate")

    assert (desk.waiting(), desk.routed()) == (1, {})
    assert [event.name for event in desk.told.events] == ["lease.lost"]


async def test_a_spooled_push_is_read_back_when_it_is_fed(desk: Desk) -> None:
    receive = desk.runtime.receive()
    receive.breaker.failed(desk.runtime.clock.monotonic())
    while receive.breaker.allows(desk.runtime.clock.monotonic()):
        receive.breaker.failed(desk.runtime.clock.monotonic())
    receive.take(SURE, json.dumps([{"id": crm_id(0)}, {"id": "999999"}]).encode(), {})
    assert desk.waiting() == 0

    desk.runtime.feed(desk.told).run()
    assert desk.told.rings == [Stage.HYDRATE]
    await desk.drain()

    assert [lead["id"] for lead in desk.routed()["sure"]] == [crm_id(0)]
    assert [lead for lead, _ in desk.rejected()] == [{"id": "999999"}]
