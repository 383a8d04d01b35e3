"""When a delivery is tried again, and when it is given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.outcome import Dead, Delivered, Reason, Retry
from hookrouter.domain.schedule import (
    DELAYS,
    LONGEST_RETRY_AFTER,
    RETRY_FOR,
    SHORTEST_WAIT,
    Bury,
    Finish,
    Wait,
    next_step,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
AWAY = Retry(reason=Reason.NETWORK)


def tried(attempts=1, first=NOON):
    return Delivery(
        id=DeliveryId("d_1"),
        sink=SinkName("sales"),
        route=RouteName("hot-lead"),
        push=PushId("p_1"),
        source=SourceName("crm"),
        received_at=NOON,
        event=LeadEvent.UPDATED,
        lead_key=LeadKey("1"),
        lead={},
        changed=(),
        previous={},
        attempts=attempts,
        first_attempt_at=first,
    )


def test_a_delivered_one_is_finished():
    assert next_step(Delivered(), tried(), now=NOON, roll=1.0) == Finish()


def test_a_dead_one_is_buried_with_its_reason():
    assert next_step(Dead(reason=Reason.GONE), tried(), now=NOON, roll=1.0) == Bury(reason=Reason.GONE)


@pytest.mark.parametrize(
    ("attempts", "ceiling"),
    [(0, DELAYS[0]), *enumerate(DELAYS, start=1), (len(DELAYS) + 1, DELAYS[-1]), (1000, DELAYS[-1])],
)
def test_the_wait_grows_with_the_attempts_up_to_its_last_step(attempts, ceiling):
    assert next_step(AWAY, tried(attempts), now=NOON, roll=1.0) == Wait(until=NOON + ceiling)


@pytest.mark.parametrize("roll", [0.01, 0.25, 1.0])
def test_the_dice_spread_the_wait_over_its_whole_length(roll):
    assert next_step(AWAY, tried(3), now=NOON, roll=roll) == Wait(until=NOON + timedelta(minutes=2) * roll)


@pytest.mark.parametrize("after", [None, timedelta()], ids=["by the dice", "by the far side's wish"])
def test_no_wait_is_so_short_that_it_hammers_the_sink(after):
    outcome = Retry(reason=Reason.SERVER_ERROR, after=after)

    assert next_step(outcome, tried(), now=NOON, roll=0.0) == Wait(until=NOON + SHORTEST_WAIT)


def test_the_schedule_is_the_documented_one():
    minutes = [delay.total_seconds() / 60 for delay in DELAYS]

    assert minutes == [5 / 60, 30 / 60, 2, 10, 30, 60, 180]
    assert timedelta(days=3) == RETRY_FOR


@pytest.mark.parametrize(
    ("after", "wait"),
    [
        (timedelta(seconds=90), timedelta(seconds=90)),
        (timedelta(seconds=1), timedelta(seconds=5)),
        (timedelta(days=30), LONGEST_RETRY_AFTER),
    ],
    ids=["longer than the schedule", "shorter than the schedule", "beyond all measure"],
)
def test_retry_after_is_obeyed_within_bounds(after, wait):
    outcome = Retry(reason=Reason.THROTTLED, after=after)

    assert next_step(outcome, tried(), now=NOON, roll=1.0) == Wait(until=NOON + wait)


def test_what_would_be_tried_on_the_very_end_still_is():
    first = NOON + DELAYS[0] - RETRY_FOR

    assert next_step(AWAY, tried(first=first), now=NOON, roll=1.0) == Wait(until=first + RETRY_FOR)


def test_what_would_be_tried_past_the_end_is_buried_with_its_last_reason():
    first = NOON + DELAYS[0] - RETRY_FOR - timedelta(microseconds=1)

    assert next_step(AWAY, tried(first=first), now=NOON, roll=1.0) == Bury(reason=Reason.NETWORK)


def test_a_sink_may_set_its_own_end():
    step = next_step(AWAY, tried(), now=NOON, roll=1.0, retry_for=timedelta(seconds=4))

    assert step == Bury(reason=Reason.NETWORK)


def test_a_delivery_without_a_first_attempt_begins_now():
    assert next_step(AWAY, replace(tried(), first_attempt_at=None), now=NOON, roll=1.0) == Wait(until=NOON + DELAYS[0])


@given(
    attempts=st.integers(1, 60),
    roll=st.floats(0, 1),
    age=st.timedeltas(timedelta(), RETRY_FOR * 2),
    after=st.none() | st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_no_delivery_waits_past_its_end_or_less_than_a_second(attempts, roll, age, after):
    step = next_step(Retry(reason=Reason.TIMEOUT, after=after), tried(attempts, NOON - age), now=NOON, roll=roll)

    match step:
        case Wait(until=until):
            assert NOON + SHORTEST_WAIT <= until <= NOON - age + RETRY_FOR
        case _:
            assert step == Bury(reason=Reason.TIMEOUT)
