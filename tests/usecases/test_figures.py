"""The figures of a day: counted on a real server, in one step with what they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from drain_support import Said, Scene, ScriptedSink, closed, failing, names, of_lead
from enrich_support import CRM, Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.domain.assignment import Assigned
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import Days, Figure, Kind, Tally
from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import RouteName
from hookrouter.domain.objective import Objectives
from hookrouter.domain.outcome import Dead, Reason
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.domain.push import Via
from hookrouter.domain.routing import Objective
from hookrouter.ports.sinks import Message
from hookrouter.store.figures import RedisFigures, add_figures
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import a_lead
from hookrouter.wire.pushes.brought import brought

NOW = SystemClock().now
PROMISED = {RouteName("hot-lead"): Objective(percent=95, within=timedelta(minutes=1))}


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        yield made


def counted(server: RedisServer, keys: Keys) -> Counter[Figure]:
    today = NOW().date()
    days = (today, today - timedelta(days=1))  # midnight may strike amid a test
    figures: Counter[Figure] = Counter()
    for counts in RedisFigures(server=server, keys=keys).of(days).values():
        figures += counts
    return figures


def of_stage(stage: Desk) -> dict[str, int]:
    figures = counted(stage.runtime.server, stage.runtime.keys)
    return {"/".join(filter(None, figure)): number for figure, number in figures.items()}


def pushed(stage: Desk, lead: int, second: int, *, created: bool = False, **fields: str) -> str:
    moment = f"2026-03-04 15:20:{second:02}"
    began = {"createTimestamp": moment} if created else {"createTimestamp": "2026-01-01 00:00:00"}
    return stage.push({"id": crm_id(lead), "updateTimestamp": moment, **began, **fields})


async def test_leads_count_as_they_come_in_and_by_the_routes_that_take_them(stage: Desk) -> None:
    stage.configure(
        "  - {name: warm, match: {leadScore: {gte: 50}}, once: {every: 1d}, to: [all, some]}\n"
        "  - {name: quiet, shadow: true, to: [all]}\n"
    )
    pushed(stage, 0, 1, created=True, leadScore="80")
    pushed(stage, 1, 2, leadScore="10")
    await stage.route()
    pushed(stage, 0, 1, created=True, leadScore="80")  # the same again
    pushed(stage, 0, 3, leadScore="81")  # told of less than a day ago
    await stage.route()

    assert of_stage(stage) == {
        "leads": 3,
        "new": 1,
        "routed": 2,
        "taken/warm": 2,
        "repeated/warm": 2,
        "shadowed/quiet": 3,
    }


async def test_a_lead_whose_history_must_tell_counts_once_as_routed(stage: Desk) -> None:
    called = "match_timeline: {outgoingCall: {count: {gte: 1}}}"
    stage.configure(f"  - {{name: plain, to: [all]}}\n  - {{name: called, {called}, to: [some]}}\n")
    await stage.call_happens(crm_id(0))
    pushed(stage, 0, 1)
    await stage.route()
    await stage.decide()
    stage.configure(f"  - {{name: called, {called}, to: [some]}}\n")
    pushed(stage, 0, 2, state="WA")
    await stage.route()
    await stage.decide()

    assert of_stage(stage) == {"leads": 2, "routed": 2, "taken/plain": 1, "taken/called": 2}


async def test_what_reconcile_brings_counts_as_missed_by_the_pushes(stage: Desk) -> None:
    stage.configure("  - {name: both, to: [all, some]}\n")
    pushed(stage, 0, 1)
    push, batch = brought("p_missed", CRM, NOW(), [a_lead(id=crm_id(1))], Via.RECONCILE)
    stage.runtime.push_log().accept(push, batch)
    await stage.route()

    assert of_stage(stage)["missed"] == 1
    assert of_stage(stage)["leads"] == 2


class Gathering(ScriptedSink):
    """Words several deliveries as one."""

    def digest_key(self, _delivery: Delivery) -> str:
        return "all"

    def render_digest(self, _deliveries: Sequence[Delivery]) -> Message:
        return Said()


def of_scene(scene: Scene, server: RedisServer) -> dict[str, int]:
    return {"/".join(filter(None, figure)): number for figure, number in counted(server, scene.keys).items()}


def fresh(push: str, ago: timedelta, **more: str) -> Any:
    then = NOW() - ago
    return replace(of_lead(push, lead=push, updateTimestamp=f"{then:%Y-%m-%d %H:%M:%S}", **more), received_at=NOW())


async def test_deliveries_count_by_route_sink_and_person_and_as_late_by_the_objective(
    scene: Scene, server: RedisServer
) -> None:
    scene.objectives = Objectives(PROMISED)
    ada = Assigned(owner="3134", name="Ada | Brown")
    scene.sink.script = failing("p_dead", outcome=Dead(reason=Reason.REFUSED))
    await scene.put(
        replace(fresh("p_1", timedelta(seconds=2)), assigned=ada),
        fresh("p_2", timedelta(minutes=10)),
        fresh("p_3", timedelta(minutes=10), route="other"),
        replace(fresh("p_dead", timedelta()), assigned=ada),
        replace(fresh("p_4", timedelta(minutes=15)), assigned=ada, step="15m"),
    )
    await scene.drain()

    assert of_scene(scene, server) == {
        "delivered/hot-lead/sales/3134 Ada | Brown": 1,
        "delivered/hot-lead/sales": 1,
        "delivered/other/sales": 1,
        "reminded/hot-lead/sales/3134 Ada | Brown": 1,
        "late/hot-lead": 1,
        "waited/hot-lead/5": 1,
        "waited/hot-lead/900": 1,
        "waited/other/900": 1,
        "dead/hot-lead/sales/3134 Ada | Brown": 1,
    }


async def test_each_lead_of_a_digest_counts(scene: Scene, server: RedisServer) -> None:
    members = [fresh("p_1", timedelta(minutes=10)), fresh("p_2", timedelta(minutes=10), route="other")]
    scene.objectives = Objectives(PROMISED)
    scene.policy = SinkPolicy(digest=Digest(every=timedelta(hours=1), most=2))
    scene.sink = Gathering()
    await scene.put(*members)
    await scene.drain()
    await scene.drain()

    assert [len(each.members) for each in scene.sink.given] == [2]
    assert of_scene(scene, server) == {
        "delivered/hot-lead/sales": 1,
        "delivered/other/sales": 1,
        "late/hot-lead": 1,
        "waited/hot-lead/900": 1,
        "waited/other/900": 1,
    }


async def test_what_a_killed_drain_sent_and_did_not_settle_counts_once(scene: Scene, server: RedisServer) -> None:
    await scene.put(fresh("p_1", timedelta()))
    await scene.drain_until_killed(settles=0)
    assert (names(scene.sink.given), of_scene(scene, server)) == (["p_1"], {})

    await scene.drain()

    assert of_scene(scene, server)["delivered/hot-lead/sales"] == 1


def test_who_is_held_until_a_route_opens_waits_from_then_on() -> None:
    shut: Hours = closed()
    delivery = fresh("p_1", timedelta(minutes=10))
    opens = shut.opens(delivery.route, NOW())
    assert opens is not None

    assert Objectives(PROMISED, shut).waited(delivery, opens + timedelta(seconds=7)) == timedelta(seconds=7)


@pytest.mark.parametrize("updated", ["2999-01-01 00:00:00", "0000-00-00 00:00:00", "soon"])
def test_a_lead_that_tells_no_moment_waits_from_its_push_on(updated: str) -> None:
    delivery = replace(of_lead("p_1", updateTimestamp=updated), received_at=NOW())

    assert Objectives().waited(delivery, delivery.received_at + timedelta(seconds=3)) == timedelta(seconds=3)


def test_the_day_is_that_of_who_reads_the_report() -> None:
    moment = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)

    assert Days(ZoneInfo("America/New_York")).of(moment).isoformat() == "2026-03-08"


async def test_figures_of_another_version_are_left_out_and_all_expire(scene: Scene, server: RedisServer) -> None:
    tally = Tally(NOW().date(), Counter({Figure(Kind.LEADS): 2}))
    for command in add_figures(scene.keys, tally):
        server.call(*command)
    key = scene.keys.figures(tally.day)
    server.call("HSET", key, "smiles|hot-lead|||", 7)
    server.call("HSET", key, "odd", 7)

    assert counted(server, scene.keys) == Counter({Figure(Kind.LEADS): 2})
    assert 34 * 86_400 < server.call("TTL", key) <= 36 * 86_400
