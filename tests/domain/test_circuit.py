"""A sink's circuit: when it opens, how it asks again, when it closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.circuit import (
    CLOSED,
    FIRST_PAUSE,
    IN_A_ROW,
    LEAST_TRIED,
    LONGEST_PAUSE,
    SPREAD,
    WINDOW,
    Circuit,
    CircuitState,
)
from hookrouter.domain.outcome import Dead, Delivered, Outcome, Reason, Retry
from hookrouter.domain.schedule import LONGEST_RETRY_AFTER

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
AWAY = Retry(reason=Reason.NETWORK)
SECOND = timedelta(seconds=1)

outcomes = st.sampled_from(
    [
        Delivered(),
        AWAY,
        Retry(reason=Reason.THROTTLED, after=timedelta(minutes=2)),
        Retry(reason=Reason.SERVER_ERROR, after=timedelta(days=900)),
        Dead(reason=Reason.REFUSED),
    ]
)


def after(*given: Outcome, circuit: Circuit = CLOSED, at: datetime = NOON) -> Circuit:
    for outcome in given:
        circuit = circuit.after(outcome, at, 0.0)
    return circuit


def opened() -> Circuit:
    return after(*[AWAY] * IN_A_ROW)


def test_it_opens_when_enough_fail_in_a_row() -> None:
    assert after(*[AWAY] * (IN_A_ROW - 1)).state(NOON) is CircuitState.CLOSED
    assert opened().state(NOON) is CircuitState.OPEN


def test_a_clock_that_was_set_back_does_not_wait_for_hours_until_it_is_asked_again() -> None:
    hour = timedelta(hours=1)
    resting = after(Retry(reason=Reason.THROTTLED, after=timedelta(minutes=2)))

    assert opened().state(NOON - SECOND) is CircuitState.OPEN
    assert opened().state(NOON - hour) is CircuitState.PROBING
    assert resting.state(NOON - hour) is CircuitState.CLOSED
    again = after(Retry(reason=Reason.THROTTLED, after=timedelta(minutes=2)), circuit=resting, at=NOON - hour)
    assert again.until == NOON - hour + timedelta(minutes=2)


def test_one_success_between_them_starts_the_count_anew() -> None:
    circuit = after(*[AWAY] * (IN_A_ROW - 1), Delivered(), *[AWAY] * (IN_A_ROW - 1))

    assert circuit.state(NOON) is CircuitState.CLOSED


def test_a_refused_lead_says_that_the_far_side_is_well() -> None:
    circuit = after(*[AWAY] * (IN_A_ROW - 1), Dead(reason=Reason.REFUSED), AWAY)

    assert circuit.state(NOON) is CircuitState.CLOSED


@pytest.mark.parametrize(
    ("failures", "state"), [(3, CircuitState.OPEN), (1, CircuitState.CLOSED)], ids=["three of four", "half"]
)
def test_it_opens_when_most_fail_although_some_succeed(failures: int, state: CircuitState) -> None:
    circuit = after(*[*[AWAY] * failures, Delivered()] * (LEAST_TRIED // (failures + 1)), AWAY)

    assert circuit.state(NOON) is state


def test_failures_long_apart_do_not_add_up_to_a_share() -> None:
    circuit = CLOSED
    for turn in range(LEAST_TRIED * 2):
        circuit = after(AWAY, Delivered(), circuit=circuit, at=NOON + turn * 2 * WINDOW)

    assert circuit.state(NOON + timedelta(days=1)) is CircuitState.CLOSED


def test_after_its_pause_one_delivery_asks() -> None:
    circuit = opened()

    assert circuit.places(NOON + FIRST_PAUSE - SECOND, 32) == 0
    assert circuit.places(NOON + FIRST_PAUSE, 32) == 1


def test_it_closes_when_the_far_side_answers() -> None:
    assert after(Delivered(), circuit=opened(), at=NOON + FIRST_PAUSE) == CLOSED


def test_each_probe_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    circuit, now, pauses = opened(), NOON, []
    for _ in range(12):
        assert circuit.until is not None
        pauses.append(circuit.until - now)
        now = circuit.until
        circuit = after(AWAY, circuit=circuit, at=now)

    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_those_under_way_when_it_opens_do_not_lengthen_its_pause() -> None:
    assert after(AWAY, AWAY, circuit=opened()) == opened()


def test_a_pause_is_shortened_at_random() -> None:
    circuit = CLOSED
    for _ in range(IN_A_ROW):
        circuit = circuit.after(AWAY, NOON, 1.0)

    assert circuit.until == NOON + FIRST_PAUSE * (1 - SPREAD)


def test_asked_at_once_it_probes_and_a_probe_in_vain_makes_the_pause_no_longer() -> None:
    circuit = opened()
    asked = circuit.asked_now(NOON)

    assert asked.state(NOON) is CircuitState.PROBING
    assert after(AWAY, circuit=asked).until == circuit.until


def test_asked_at_once_it_rests_no_longer_and_what_does_not_wait_stays() -> None:
    resting = after(Retry(reason=Reason.THROTTLED, after=timedelta(hours=1)))

    assert resting.asked_now(NOON).state(NOON) is CircuitState.CLOSED
    assert CLOSED.asked_now(NOON) is CLOSED


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.SERVER_ERROR])
def test_a_far_side_that_asks_for_rest_gets_it(reason: Reason) -> None:
    circuit = after(Retry(reason=reason, after=timedelta(seconds=7)), Delivered())

    assert circuit.state(NOON) is CircuitState.RESTING
    assert circuit.places(NOON, 32) == 0
    assert circuit.places(NOON + timedelta(seconds=7), 32) == 32


@given(st.lists(st.tuples(outcomes, st.integers(0, 4000), st.floats(0, 1)), max_size=80))
def test_whatever_happens_it_asks_again_within_a_day(happened: list[tuple[Outcome, int, float]]) -> None:
    circuit, now = CLOSED, NOON
    for outcome, seconds, roll in happened:
        now += timedelta(seconds=seconds)
        circuit = circuit.after(outcome, now, roll)

    assert circuit.places(now + max(LONGEST_RETRY_AFTER, LONGEST_PAUSE), 32) >= 1
