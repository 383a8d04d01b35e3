"""Leads that people are not told of for a while: a real server, the stages that prepare deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import PLAIN, Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import ConfigurationError, NotFound
from hookrouter.domain.lead import Json
from hookrouter.domain.routing_events import LeadSilenced
from hookrouter.domain.silence import MOST_SILENCES, Silence
from hookrouter.ports.desk import Wanted
from hookrouter.runtime.desk import Desk as OperatorsDesk
from hookrouter.store.silences import SHOWN_FOR, RedisSilences
from hookrouter.usecases.silences import TendSilences

BOTH = "  - {name: both, match: {event: [created, updated]}, to: [all, some]}\n"
CALLED = "  - {name: called, match_timeline: {outgoingCall: {count: {gte: 1}}}, to: [some]}\n"
NOW = SystemClock().now
IMPORTED: Json = {"leadSource": "import"}


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, valkey.url) as made:
        made.configure(BOTH)
        yield made


def tended(stage: Desk) -> TendSilences:
    return OperatorsDesk(stage.runtime).silences()


def begin(stage: Desk, match: Json = IMPORTED, *sinks: str, until: timedelta = timedelta(hours=2)) -> Silence:
    return tended(stage).begin(match, sinks, by="ada", reason="a list is imported", until=NOW() + until)


def imported(stage: Desk, lead: int = 0, source: str = "import") -> str:
    return stage.push({"id": crm_id(lead), "leadSource": source, "updateTimestamp": f"2026-03-04 15:20:{lead:02}"})


def kept_back(stage: Desk) -> list[tuple[str, str, str]]:
    wanted = Wanted(sink=None, route=None, since=None, until=None)
    page = OperatorsDesk(stage.runtime).deliveries().list(wanted, lead=None, outcome="silenced", limit=100)
    return [(each.push, each.sink, each.came_to.reason) for each in reversed(page.found)]


async def test_while_it_holds_leads_that_match_are_recorded_and_nobody_is_told(stage: Desk) -> None:
    silence = begin(stage)
    quiet, told = imported(stage), imported(stage, 1, source="web")
    await stage.route()

    assert [push for _, push in await stage.handed("all")] == [told]
    assert [push for _, push in await stage.handed("some")] == [told]
    assert kept_back(stage) == [(quiet, "all", silence.id), (quiet, "some", silence.id)]
    assert [(each.id, count) for each, count in tended(stage).list()] == [(silence.id, 2)]


async def test_a_silence_of_some_sinks_leaves_the_others_alone(stage: Desk) -> None:
    begin(stage, IMPORTED, "some")
    push = imported(stage)
    await stage.route()

    assert await stage.handed("all") == [("both", push)]
    assert await stage.handed("some") == []


@pytest.mark.parametrize(("quiet", "clocks"), [(("some",), 0), (("all",), 1)])
async def test_nobody_is_waited_for_who_would_have_to_be_reminded_of_what_they_were_not_told(
    stage: Desk, quiet: tuple[str, ...], clocks: int
) -> None:
    stage.configure(BOTH.replace("to: [all, some]", "to: [all, some], follow_up: [{after: 1h, to: [some]}]"))
    begin(stage, IMPORTED, *quiet)
    imported(stage)
    await stage.route()

    assert await stage.side.store.call("ZCARD", stage.runtime.keys.clocks()) == clocks


@pytest.mark.parametrize("is_ended_by_hand", [True, False])
async def test_when_it_is_over_people_are_told_again_but_not_of_what_was(stage: Desk, is_ended_by_hand: bool) -> None:
    silence = begin(stage)
    imported(stage)
    await stage.route()
    if is_ended_by_hand:
        tended(stage).end(silence.id)
    else:
        kept = RedisSilences(server=stage.runtime.server, keys=stage.runtime.keys)
        kept.keep(replace(silence, until=NOW() - timedelta(seconds=1)), NOW())

    later = imported(stage, 1)
    await stage.route()

    assert await stage.handed("all") == [("both", later)]
    with pytest.raises(NotFound):
        tended(stage).end(silence.id)


async def test_who_was_told_nothing_is_told_the_next_time_in_spite_of_once(stage: Desk) -> None:
    stage.configure("  - {name: daily, once: {every: 1d}, to: [some]}\n")
    silence = begin(stage)
    imported(stage)
    await stage.route()
    tended(stage).end(silence.id)

    again = imported(stage, source="import again")
    await stage.route()

    assert await stage.handed("some") == [("daily", again)]


async def test_it_holds_for_routes_that_the_history_must_tell_as_well(stage: Desk) -> None:
    stage.configure(CALLED + PLAIN)
    await stage.call_happens(crm_id(0))
    begin(stage, IMPORTED, "some")
    push = imported(stage)
    await stage.route()
    await stage.decide()

    assert await stage.handed("some") == []
    assert [(each, sink) for each, sink, _ in kept_back(stage)] == [(push, "some")]


async def test_it_may_ask_what_changed_and_what_happened(stage: Desk) -> None:
    begin(stage, {"event": "updated", "changed": ["leadSource"]})
    new = stage.push(
        {"id": crm_id(7), "createTimestamp": "2026-03-04 15:20:11", "updateTimestamp": "2026-03-04 15:20:11"}
    )
    await stage.route()
    changed = stage.push({"id": crm_id(7), "leadSource": "web", "updateTimestamp": "2026-03-04 15:20:12"})
    await stage.route()

    assert [push for _, push in await stage.handed("all")] == [new]
    assert [push for push, sink, _ in kept_back(stage) if sink == "all"] == [changed]


async def test_one_that_this_version_cannot_read_silences_nothing(stage: Desk) -> None:
    keys, server = stage.runtime.keys, stage.runtime.server
    server.call("HSET", keys.silences(), "s_odd", b"nonsense")
    old = begin(stage)
    record = server.call("HGET", keys.silences(), old.id)
    server.call("HSET", keys.silences(), old.id, record.replace(b'"leadSource"', b'"gte"'))
    push = imported(stage)
    await stage.route()

    assert await stage.handed("all") == [("both", push)]


def test_the_health_tells_who_keeps_whom_silent_and_why(stage: Desk) -> None:
    silence = begin(stage)

    [part] = [part for part in stage.runtime.examine().all() if part.name == f"silence:{silence.id}"]

    assert part.status == "warn"
    assert part.advice == (
        f"all, some kept silent by ada until {silence.until:%Y-%m-%d %H:%M} UTC: a list is imported; "
        f"`hookrouter silence end {silence.id}` ends it"
    )


def test_what_cannot_be_is_refused_by_name(stage: Desk) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no sink soem.*did you mean some"):
        begin(stage, IMPORTED, "soem")
    for number in range(MOST_SILENCES):
        begin(stage, {"state": str(number)})
    with pytest.raises(ConfigurationError, match="there are 50 silences already"):
        begin(stage)


def test_what_is_long_over_is_forgotten_with_its_count(stage: Desk) -> None:
    old = begin(stage)
    kept = RedisSilences(server=stage.runtime.server, keys=stage.runtime.keys)
    kept.keep(replace(old, until=NOW() - SHOWN_FOR - timedelta(hours=1)), NOW())
    stage.runtime.server.call("HINCRBY", stage.runtime.keys.silenced(), old.id, 3)

    new = begin(stage)

    assert [(each.id, count) for each, count in tended(stage).list()] == [(new.id, 0)]
    assert stage.runtime.server.call("HLEN", stage.runtime.keys.silenced()) == 0


async def test_it_is_reported(stage: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Any] = []
    monkeypatch.setattr(type(stage.runtime.observer), "report", lambda _self, event: events.append(event))
    begin(stage, IMPORTED, "some")
    push = imported(stage)
    await stage.route()

    [event] = [event for event in events if isinstance(event, LeadSilenced)]
    assert (event.push, event.routes, event.sinks) == (push, ("both",), 1)
