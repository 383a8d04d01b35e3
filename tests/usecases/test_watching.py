"""Watching over the pushes of a simulated CRM over HTTP: canaries, silences, subscriptions and tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from watch_support import CANARY, CRM, LEAD, NEW, OLD, OTHER, World, world_at

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.push_path import LOOK_FOR_IT_EVERY, RENEWED_AGAIN, Verdict
from hookrouter.domain.watch_events import CanaryLost, CanaryReturned, PushesSilent, SourceSubscribed
from hookrouter.runtime.desk import Desk
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.shapes import Coverage
from hookrouter.store.watching import is_due
from hookrouter.usecases.watching.verify import CameBack, NotChanged, NothingCame

MINUTE = timedelta(minutes=1)
SHORTLY = timedelta(seconds=0.5)


@pytest.fixture
async def world(tmp_path: Path, valkey: Any) -> AsyncIterator[World]:
    async with world_at(tmp_path, valkey.url) as made:
        yield made


async def test_a_canary_comes_back_and_is_nobody_elses_business(world: World) -> None:
    world.subscribe()
    before = dict(world.simulator.book.by_id(LEAD) or {})

    await world.look()
    await world.pushed()
    await world.look()

    after = dict(world.simulator.book.by_id(LEAD) or {})
    assert {name for name, value in after.items() if before[name] != value} <= {"description", "updateTimestamp"}
    assert (await world.remembered()).path.verdict is Verdict.OPEN
    assert [event.source for event in world.told.of(CanaryReturned)] == ["crm"]
    assert await world.deliveries() == []
    assert world.runtime.watch_plan is not None
    report = world.runtime.census.watch_report(world.clock.now())
    assert report is not None
    assert (report.arrivals.last_push, report.arrivals.busy) == (None, {})
    part = world.health("canary")
    assert (part.status, str(part.value).split(",")[0][:11]) == ("pass", "came back w")


async def test_what_people_change_of_its_lead_is_routed_without_its_mark(world: World) -> None:
    world.subscribe()
    await world.look()
    await world.pushed()
    await world.look()

    world.simulator.book.update({"id": LEAD, "leadScore": "77", "description": "canary_0196f0e1d2c3a1b2c3d4e5f6"})
    await world.pushed()
    await world.route()

    [delivery] = await world.deliveries()
    assert (delivery.lead_key, delivery.changed) == (LEAD, ("leadScore",))


async def test_a_canary_has_come_back_also_when_its_push_tells_of_more_than_its_mark(world: World) -> None:
    world.subscribe()
    await world.look()
    await world.pushed()
    await world.look()
    world.simulator.pushes.urls.clear()
    world.simulator.book.update({"id": LEAD, "leadScore": "77"})  # while nobody was told of it
    world.subscribe()
    world.clock.ahead += timedelta(hours=2)

    await world.look()
    await world.pushed()
    await world.route()
    world.clock.ahead += MINUTE
    await world.look()

    assert world.told.of(CanaryLost) == []
    assert len(world.told.of(CanaryReturned)) == 2
    [delivery] = await world.deliveries()
    assert (delivery.lead_key, delivery.changed) == (LEAD, ("leadScore",))


async def test_explaining_says_that_no_route_is_asked_about_it(world: World) -> None:
    world.subscribe()
    await world.look()
    await world.pushed()
    await world.route()

    [push] = Desk(world.runtime).pushes().list(limit=1).found
    [recalled] = Desk(world.runtime).recall().push(push.id)
    explained = world.runtime.explain().lead(recalled.lead, recalled.snapshot, recalled.occasion)

    assert explained.as_json() == {
        "lead": LEAD,
        "event": explained.event,
        "changed": list(explained.changed),
        "routes": [],
        "deliveries": [],
        "canary": True,
    }
    assert world.runtime.explain().sent(recalled.lead, recalled.snapshot, recalled.occasion) == ()


async def test_where_it_does_not_come_back_the_crm_is_asked_anew_once_and_pushes_again(world: World) -> None:
    world.receiver_lives()
    await world.look()  # sent, and nobody subscribed
    world.clock.ahead += MINUTE
    await world.look()
    broken = world.health("canary")
    world.receiver_lives()
    await world.look()
    await world.look()
    await world.pushed()
    await world.look()

    assert (broken.status, str(broken.value)[:21]) == ("warn", "none comes back since")
    assert [event.result for event in world.told.of(CanaryLost)] == ["broken"]
    assert [(event.why, event.result) for event in world.told.of(SourceSubscribed)] == [("silence", "subscribed")]
    assert world.simulator.pushes.urls == [f"{world.hooks}/hooks/crm/{NEW}"]
    assert world.health("canary").status == "pass"


async def test_it_is_not_asked_more_often_than_the_bound_however_long_it_is_silent(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, lost=1.0) as world:
        for _ in range(int(RENEWED_AGAIN / (3 * MINUTE))):
            world.receiver_lives()
            await world.look()
            world.clock.ahead += 3 * MINUTE

        assert len(world.told.of(SourceSubscribed)) == 1
        world.clock.ahead += RENEWED_AGAIN
        for _ in range(4):
            world.receiver_lives()
            await world.look()
        assert len(world.told.of(SourceSubscribed)) == 2


async def test_nobody_is_asked_while_no_receiver_lives(world: World) -> None:
    await world.look()
    world.receiver_leaves()
    world.clock.ahead += MINUTE
    await world.look()
    await world.look()

    assert [event.result for event in world.told.of(CanaryLost)] == ["broken"]
    assert world.told.of(SourceSubscribed) == []


async def test_a_canary_waits_for_somebody_who_can_take_its_push(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, f"subscribe: on_start, {CANARY}") as world:
        world.has_receiver = False
        await world.look()  # at a start the worker may be up first
        waits = (await world.remembered()).path
        is_due_soon = is_due(world.runtime.server, world.runtime.keys, CRM, world.clock.now() + LOOK_FOR_IT_EVERY)
        world.has_receiver = True
        await world.look()
        await world.pushed()
        await world.look()

        assert (waits.sent_at, waits.verdict, is_due_soon) == (None, Verdict.UNKNOWN, True)
        assert world.health("canary").status == "pass"
        assert world.told.of(CanaryLost) == []


async def test_a_lead_that_the_crm_does_not_know_says_nothing_of_pushes(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, "canary: {lead: 4711}") as world:
        await world.look()

        part = world.health("canary")
        assert (part.status, part.advice) == (
            "warn",
            "the CRM knows no lead 4711: name one of its leads in crm.canary.lead",
        )
        assert [event.result for event in world.told.of(CanaryLost)] == ["unwritten"]


async def test_a_crm_that_is_away_is_no_broken_way(world: World) -> None:
    world.simulator.faults.switch(FaultMode.HTML_503)

    await world.look()

    assert (await world.remembered()).path.verdict is Verdict.UNWRITTEN


async def test_a_crm_that_pushes_what_people_change_only_is_found_out(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, own_writes=False) as world:
        world.subscribe()
        await world.look()
        world.simulator.book.update({"id": OTHER, "leadScore": "77"})
        await world.pushed()
        world.clock.ahead += MINUTE
        await world.look()

        part = world.health("canary")
        assert (part.status, part.value) == ("warn", "did not come back, but other pushes came")
        assert "what its API changes" in part.advice


async def test_pushes_to_a_former_address_are_found_and_healed_by_asking_anew(world: World) -> None:
    world.subscribe("a-token-of-long-ago-012345")
    await world.look()
    await world.pushed()
    world.clock.ahead += MINUTE
    await world.look()

    path = (await world.remembered()).path
    assert path.verdict is Verdict.BROKEN
    assert path.reason.endswith("the address had a token that is not this source's")


async def test_a_network_that_is_not_allowed_is_a_finding_of_our_own(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, allow=", allow: [203.0.113.0/24]") as world:
        world.subscribe()
        await world.look()
        await world.pushed()
        world.clock.ahead += MINUTE
        world.receiver_lives()
        await world.look()
        await world.look()

        assert (await world.remembered()).path.verdict is Verdict.REFUSED
        assert world.told.of(SourceSubscribed) == []


@pytest.mark.parametrize("coverage", [Coverage.CHANGED, Coverage.IDS])
async def test_a_canary_that_is_pushed_in_part_is_known_when_it_is_read_back(
    tmp_path: Path, valkey: Any, coverage: Coverage
) -> None:
    async with world_at(tmp_path, valkey.url, read_back="auto", coverage=coverage) as world:
        world.subscribe()
        await world.look()
        await world.pushed()
        await world.look()

        assert (await world.remembered()).path.verdict is Verdict.OPEN
        assert await world.deliveries() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (f'[{{"id": "{LEAD}", "description": "MARK", "active": [1]}}]', "it came and was rejected"),
        ("a page about MARK", "it came and could not be read"),
    ],
    ids=["rejected", "unreadable"],
)
async def test_what_came_and_was_not_taken_is_known_by_its_mark(world: World, body: str, told: str) -> None:
    began, mark = world.clock.now(), "canary_0196f0e1d2c3a1b2c3d4e5f6"
    with suppress(PushRefused):
        world.runtime.receive().take(CRM, body.replace("MARK", mark).encode(), {}, NEW)

    found = await world.lookout.memory.hindrance(CRM, mark, began)
    other = await world.lookout.memory.hindrance(CRM, mark[:-1] + "0", began)

    assert found is not None
    assert (found.is_proven, found.text.split(":")[0]) == (True, told)
    assert other is None


async def test_a_quiet_that_the_canary_explains_is_no_silence(world: World) -> None:
    world.subscribe()
    await world.teach(30, last=world.clock.now() - timedelta(hours=2))

    await world.look()
    await world.pushed()
    await world.look()

    part = world.health("silence")
    assert (part.status, str(part.value).rpartition("; ")[2][:13]) == ("pass", "a canary came")
    assert world.told.of(PushesSilent) == []


async def test_a_silence_is_told_once_with_what_the_canary_said_and_teaches_nothing(
    tmp_path: Path, valkey: Any
) -> None:
    async with world_at(tmp_path, valkey.url, lost=1.0) as world:
        await world.teach(30, last=world.clock.now() - timedelta(hours=2))
        await world.look()
        asked_before = world.told.of(PushesSilent)
        for _ in range(3):
            world.clock.ahead += 2 * MINUTE
            await world.look()

        assert asked_before == []
        [silence] = world.told.of(PushesSilent)
        assert (silence.source, silence.canary) == ("crm", "broken")
        assert world.health("silence").status == "warn"
        taught = (await world.remembered()).rhythm.usual
        world.clock.ahead += timedelta(hours=3)
        await world.look()
        assert (await world.remembered()).rhythm.usual == taught


async def test_without_a_canary_a_silence_is_told_as_what_it_may_be(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, "subscribe: never") as world:
        await world.teach(30, last=world.clock.now() - timedelta(hours=2))
        await world.look()

        assert [event.canary for event in world.told.of(PushesSilent)] == ["off"]
        part = world.health("silence")
        assert (part.status, part.advice[:12]) == ("warn", "nobody knows")


async def test_what_is_usual_is_learned_from_the_pushes_that_come_and_outlives_the_process(world: World) -> None:
    await world.look()
    start = world.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for minute in (0, 0, 7, 59):
        world.runtime.footfall.note(CRM, NEW, start + minute * MINUTE, is_canary=False)
    world.clock.ahead += timedelta(hours=2)
    await world.look()

    usual = (await world.remembered()).rhythm.usual
    assert [(one.busy, one.weeks) for one in usual.values()] == [(3.0, 1.0)]


async def test_at_the_start_the_crm_is_asked_once_for_each_address_whatever_workers_there_are(
    tmp_path: Path, valkey: Any
) -> None:
    async with world_at(tmp_path, valkey.url, "subscribe: on_start") as world:
        world.has_receiver = False
        await world.look()
        nobody_there = list(world.simulator.pushes.urls)
        assert is_due(world.runtime.server, world.runtime.keys, CRM, world.clock.now() + LOOK_FOR_IT_EVERY)
        world.has_receiver = True
        world.receiver_lives()
        other = world.lookout.watching("another-worker")
        assert world.side.watching is not None
        await asyncio.gather(world.side.watching.run_if_free(), other.run_if_free())
        await asyncio.gather(other.run_if_free(), world.look())

        assert nobody_there == []
        assert world.simulator.pushes.urls == [f"{world.hooks}/hooks/crm/{NEW}"]
        assert world.health("subscription").status == "pass"
        assert len(world.told.of(SourceSubscribed)) == 1
        assert not is_due(world.runtime.server, world.runtime.keys, CRM, world.clock.now() + LOOK_FOR_IT_EVERY)


async def test_a_crm_that_is_away_at_the_start_is_asked_again_later(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, "subscribe: on_start") as world:
        world.receiver_lives()
        world.simulator.faults.switch(FaultMode.HTML_503)
        await world.look()
        await world.look()
        failed, part = len(world.told.of(SourceSubscribed)), world.health("subscription")
        world.simulator.faults.switch(FaultMode.NONE)
        world.clock.ahead += MINUTE
        world.receiver_lives()
        await world.look()

        assert (failed, part.status, part.value) == (1, "warn", "not yet asked to push")
        assert [event.result for event in world.told.of(SourceSubscribed)] == ["failed", "subscribed"]


async def test_while_a_token_is_rotated_both_addresses_live_and_health_says_when_the_old_one_may_go(
    world: World,
) -> None:
    world.subscribe(OLD)
    world.simulator.book.update({"id": OTHER, "leadScore": "77"})
    await world.pushed()
    world.clock.ahead += timedelta(days=8)
    world.subscribe(NEW)
    world.simulator.pushes.urls.remove(f"{world.hooks}/hooks/crm/{OLD}")
    world.runtime.footfall.note(CRM, NEW, world.clock.now(), is_canary=False)
    world.runtime.footfall.flush(world.clock.now())

    part = world.health("tokens")
    assert part.value == "the newest token used just now; token 2 of the list used 8 d ago"
    assert part.advice == "token 2 of the list can be taken out"


async def test_verifying_tells_how_long_a_push_takes(world: World) -> None:
    world.subscribe()
    verifying = asyncio.create_task(world.lookout.verify().run(timedelta(seconds=20)))
    await world.pushed()
    await world.route()

    found = await verifying
    assert isinstance(found, CameBack)
    assert timedelta() < found.after < timedelta(seconds=20)


async def test_verifying_tells_of_a_push_that_does_not_come(world: World) -> None:
    found = await world.lookout.verify().run(SHORTLY)

    assert found == NothingCame(within=SHORTLY, hindrance=None)


async def test_verifying_tells_of_a_push_that_came_and_was_not_taken(world: World) -> None:
    world.subscribe("a-token-of-long-ago-012345")
    verifying = asyncio.create_task(world.lookout.verify().run(SHORTLY))
    await world.pushed()
    world.runtime.footfall.flush(world.clock.now())

    found = await verifying
    assert isinstance(found, NothingCame)
    assert found.hindrance is not None
    assert not found.hindrance.is_proven


async def test_verifying_tells_that_it_is_not_the_way_where_other_pushes_come(tmp_path: Path, valkey: Any) -> None:
    async with world_at(tmp_path, valkey.url, own_writes=False) as world:
        world.subscribe()
        verifying = asyncio.create_task(world.lookout.verify().run(SHORTLY))
        await asyncio.sleep(0.05)
        world.simulator.book.update({"id": OTHER, "city": "Ulm"})
        await world.pushed()
        world.runtime.footfall.flush(world.clock.now())

        assert await verifying == NothingCame(within=SHORTLY, hindrance=None, others_came=True)


async def test_where_the_days_calls_are_made_it_says_so_and_waits_for_no_other_day(world: World) -> None:
    today = int(world.runtime.server.call("TIME")[0]) // 86_400
    world.runtime.server.call("HSET", world.runtime.keys.crm_calls(), "day", today, "used", 50_000)

    found = await asyncio.wait_for(world.lookout.verify().run(SHORTLY), 20)

    assert isinstance(found, NotChanged)
    assert "calls of this day are made" in found.reason


@pytest.mark.parametrize(
    ("canary", "told"),
    [
        ("{lead: 4711}", "the CRM knows no lead 4711"),
        (f"{{lead: {LEAD}, field: no_such_field}}", f"the CRM changed nothing of lead {LEAD}: is no_such_field,"),
    ],
    ids=["lead", "field"],
)
async def test_verifying_tells_what_the_crm_says_to_a_change(
    tmp_path: Path, valkey: Any, canary: str, told: str
) -> None:
    async with world_at(tmp_path, valkey.url, f"canary: {canary}") as world:
        found = await world.lookout.verify().run(SHORTLY)

        assert isinstance(found, NotChanged)
        assert found.reason.startswith(told)
