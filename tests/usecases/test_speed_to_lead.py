"""Speed to lead, from a change in the CRM to the first reaction that a push shows, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from enrich_support import CRM, crm_id
from follow_up_support import Reminded, reminded_at

from hookrouter.domain.ids import LeadKey
from hookrouter.domain.speed import Speed
from hookrouter.domain.weekly import Span
from hookrouter.store.figures import RedisFigures
from hookrouter.store.speed import speed_in, week_of
from hookrouter.usecases.report import MakeReport
from hookrouter.wire.kept.written import write_written

ROUTES = """  - {name: hot, match: {leadScore: {gte: 80}}, to: [some]}
  - {name: every, to: [all]}
"""


@pytest.fixture
async def stage(tmp_path: Path, valkey: Any) -> AsyncIterator[Reminded]:
    async with reminded_at(tmp_path, valkey.url) as made:
        made.configure(ROUTES)
        yield made


async def after(stage: Reminded, minutes: int, lead: int = 0, **fields: Any) -> None:
    stage.time.at += timedelta(minutes=minutes)
    await stage.push(lead, **fields)


def counted(stage: Reminded) -> tuple[Mapping[str, Speed], Mapping[str, Speed]]:
    report = speed_in(stage.desk.runtime.server, stage.desk.runtime.keys, [week_of(stage.time.at)])
    return report.routes, report.people


async def test_it_is_counted_from_the_change_to_the_first_reaction_by_route_and_person(stage: Reminded) -> None:
    await after(stage, 0, leadScore="90", leadStatus="open", ownerID="7")
    await after(stage, 4, leadScore="91")
    await after(stage, 6, leadScore="10", leadStatus="contact")  # also news to `every`
    await after(stage, 90, leadStatus="qualified", ownerID="8")

    routes, people = counted(stage)

    assert routes == {
        "hot": Speed(count=1, seconds=600, within=[0, 1, 0, 0, 0, 0, 0, 0]),
        "every": Speed(count=1, seconds=600, within=[0, 1, 0, 0, 0, 0, 0, 0]),
    }
    assert people == {"7": Speed(count=2, seconds=1200, within=[0, 2, 0, 0, 0, 0, 0, 0])}


async def test_the_report_tells_it_by_route_and_once_by_person(stage: Reminded) -> None:
    await after(stage, 0, leadScore="90", leadStatus="open", ownerID="7")
    await after(stage, 10, leadScore="10", leadStatus="contact")  # both routes had told
    await after(stage, 0, lead=1, leadScore="90", leadStatus="open", ownerID="")
    await after(stage, 90, lead=1, leadScore="10", leadStatus="contact")

    runtime = stage.desk.runtime
    today = stage.time.at.date()
    figures = RedisFigures(server=runtime.server, keys=runtime.keys)
    report = MakeReport(figures=figures, objectives={}, names={"7": "Ada Brown"}).of(
        Span(first=today - timedelta(days=1), last=today)
    )

    assert (report.totals.reacted, report.totals.reacted_half) == (2, "15 min")
    assert [(row.name, row.reacted, row.reacted_half, row.reacted_most) for row in report.routes] == [
        ("every", 2, "15 min", "4 h"),
        ("hot", 2, "15 min", "4 h"),
    ]
    assert [(row.name, row.reacted, row.reacted_half) for row in report.people] == [("Ada Brown", 1, "15 min")]


async def test_what_we_wrote_and_what_changes_otherwise_is_no_reaction(stage: Reminded) -> None:
    object.__setattr__(stage.desk.side.route, "knows_echoes", True)
    await after(stage, 0, leadScore="90", leadStatus="open", ownerID="7")
    key = stage.desk.runtime.keys.written(CRM, LeadKey(crm_id(0)))
    await stage.desk.side.store.call("HSET", key, *write_written("ownerID", "9", stage.time.at))
    await after(stage, 1, ownerID="9")
    await after(stage, 1, companyName="Acme")

    assert counted(stage) == ({}, {})


async def test_who_reacts_after_more_than_a_month_does_not_react_to_that(stage: Reminded) -> None:
    await after(stage, 0, leadScore="90", leadStatus="open")
    await after(stage, 31 * 24 * 60, leadStatus="contact")

    assert counted(stage) == ({}, {})


async def test_it_stands_in_the_status(stage: Reminded) -> None:
    await after(stage, 0, leadScore="90", leadStatus="open")
    await after(stage, 3, leadScore="10", leadStatus="contact")

    parts = {part.name: part.value for part in stage.desk.runtime.examine().all()}

    assert parts["speed:hot"] == "1 reaction, 1 within 15 min, 3 min on the average"
