"""When a sink's deliveries go to its fallback, and what they are there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hookrouter.domain.circuit import CLOSED, Circuit
from hookrouter.domain.digest import gather
from hookrouter.domain.fallback import Fallback, fallen_back
from hookrouter.domain.ids import SinkName
from hookrouter.domain.outcome import Reason
from hookrouter.domain.pause import ITSELF, Pause
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
NOTES = SinkName("notes")
HALF_AN_HOUR = Fallback(to=NOTES, after=timedelta(minutes=30))


def opened(ago: timedelta) -> Circuit:
    return Circuit(failures=10, trips=3, opened_at=NOW - ago, until=NOW + timedelta(minutes=1), reason=Reason.NETWORK)


@pytest.mark.parametrize(
    ("circuit", "is_due"),
    [
        (CLOSED, False),
        (opened(timedelta(minutes=29, seconds=59)), False),
        (opened(timedelta(minutes=30)), True),
    ],
)
def test_it_is_due_when_the_circuit_has_been_open_for_so_long(circuit: Circuit, is_due: bool) -> None:
    assert HALF_AN_HOUR.is_due(circuit, None, NOW) is is_due


@pytest.mark.parametrize(("by", "minutes", "is_due"), [(ITSELF, 31, True), (ITSELF, 29, False), ("ada", 31, False)])
def test_a_sink_whose_far_side_said_that_it_is_gone_is_dead_and_one_that_somebody_paused_waits(
    by: str, minutes: int, is_due: bool
) -> None:
    pause = Pause(by=by, reason="", since=NOW - timedelta(minutes=minutes))

    assert HALF_AN_HOUR.is_due(opened(timedelta(hours=1)), pause, NOW) is is_due


def test_a_delivery_elsewhere_is_another_one_that_was_not_tried_and_always_the_same() -> None:
    tried = a_delivery().with_attempt(NOW)

    [elsewhere] = fallen_back(tried, NOTES)
    [again] = fallen_back(tried, NOTES)
    [third] = fallen_back(tried, SinkName("third"))

    assert elsewhere.id == again.id
    assert len({tried.id, elsewhere.id, third.id}) == 3
    assert (elsewhere.sink, elsewhere.in_place_of, elsewhere.lead) == (NOTES, tried.sink, tried.lead)
    assert (elsewhere.attempts, elsewhere.first_attempt_at, elsewhere.tries) == (0, None, ())


def test_what_was_late_at_the_dead_sink_is_judged_anew_at_the_other() -> None:
    [elsewhere] = fallen_back(replace(a_delivery(), late="network"), NOTES)

    assert elsewhere.late == ""  # "missed while e-mail could not be reached": it was another that could not


def test_a_digest_falls_apart_into_its_members() -> None:
    members = [
        a_delivery(change=a_change(lead=a_lead(id=str(number))), occasion=an_occasion(push=f"p_{number}"))
        for number in range(3)
    ]

    elsewhere = fallen_back(gather(members), NOTES)

    assert [each.lead for each in elsewhere] == [each.lead for each in members]
    assert [each.id for each in elsewhere] == [fallen_back(each, NOTES)[0].id for each in members]


@pytest.mark.parametrize("pause", [None, Pause(by="ada", reason="", since=NOW)])
def test_all_that_waits_is_work_when_it_goes_elsewhere_but_not_while_somebody_paused_the_sink(
    pause: Pause | None,
) -> None:
    depth = OutboxDepth(
        waiting=3, retrying=5, due=0, circuit=opened(timedelta(hours=1)), pause=pause, fallback=HALF_AN_HOUR
    )

    assert depth.work(NOW) == (8 if pause is None else 0)
    assert depth.falls_back(NOW) == (HALF_AN_HOUR if pause is None else None)
