"""When messages are too many to go out one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.burst import LOW, MOST_IMPORTS, Arrival, Burst, Tide, after, arrival_of
from hookrouter.domain.ids import EntryId
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
BURST = Burst(over=3, per=timedelta(minutes=1))


def entry(number: int) -> EntryId:
    return EntryId(f"1000-{number}")


def arrivals(first: int, count: int, *alike: str) -> list[Arrival]:
    return [Arrival(entry=entry(number), alike=alike) for number in range(first, first + count)]


def alone(tide: Tide, count: int) -> list[int]:
    return [number for number in range(count) if tide.goes_alone(entry(number))]


def test_as_many_as_may_go_alone_and_the_rest_does_not() -> None:
    tide = after(LOW, arrivals(0, 10), BURST, NOON)

    assert alone(tide, 10) == [0, 1, 2]
    assert tide.is_high


def test_what_was_judged_stays_as_it_was_judged() -> None:
    tide = after(LOW, arrivals(0, 5), BURST, NOON)

    later = after(tide, arrivals(0, 5), BURST, NOON + timedelta(hours=1))

    assert later == tide


def test_all_are_gathered_until_a_calm_time_has_passed() -> None:
    tide = after(LOW, arrivals(0, 10), BURST, NOON)
    tide = after(tide, arrivals(10, 1), BURST, NOON + timedelta(seconds=70))  # the first minute was busy
    busy = tide.is_high
    tide = after(tide, arrivals(11, 1), BURST, NOON + timedelta(seconds=140))  # the second was not

    assert busy
    assert alone(tide, 12) == [0, 1, 2, 11]


def test_a_long_silence_is_a_calm_time() -> None:
    tide = after(LOW, arrivals(0, 10), BURST, NOON)

    tide = after(tide, arrivals(10, 1), BURST, NOON + timedelta(hours=1))

    assert tide.goes_alone(entry(10))


def test_an_import_uses_up_nothing_of_the_rate() -> None:
    mixed = [*arrivals(0, 100, "crm:p_1"), *arrivals(100, 2, "crm:p_2")]

    tide = after(LOW, mixed, BURST, NOON)
    tide = after(tide, [*arrivals(102, 2, "crm:p_1"), *arrivals(104, 1, "crm:p_3")], BURST, NOON)

    assert alone(tide, 105) == [100, 101, 104]


def test_leads_of_one_push_or_created_in_one_second_are_alike() -> None:
    def of(push: str, **fields: str) -> tuple[str, ...]:
        change = a_change(lead=a_lead(**fields), previous=None, changed=("leadStatus",))
        return arrival_of(entry(1), a_delivery(change=change, occasion=an_occasion(push=push))).alike

    assert of("p_1", id="1") == of("p_1", id="2") == ("crm:p_1",)  # updates are no creation


def test_a_clock_that_was_set_back_begins_a_new_time() -> None:
    tide = after(LOW, arrivals(0, 3), BURST, NOON)

    tide = after(tide, arrivals(3, 1), BURST, NOON - timedelta(days=1))

    assert tide.window_from == NOON - timedelta(days=1)


@given(
    batches=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 90), st.sampled_from(["", "a", "b"])), min_size=1, max_size=30
    )
)
def test_in_no_window_more_go_alone_than_may_and_what_is_kept_is_bounded(batches: list[tuple[int, int, str]]) -> None:
    tide, now, number, told = LOW, NOON, 0, dict[datetime | None, int]()
    for count, seconds, alike in batches:
        now += timedelta(seconds=seconds)
        some = arrivals(number, count, *filter(None, [alike]))
        tide = after(tide, some, BURST, now)
        for arrival in some:
            told[tide.window_from] = told.get(tide.window_from, 0) + tide.goes_alone(arrival.entry)
        number += count

    assert all(count <= BURST.over for count in told.values())
    assert len(tide.imports) <= MOST_IMPORTS
    assert len(tide.names) <= 100


@pytest.mark.parametrize("seconds", [0, 59])
def test_within_the_time_of_the_rate_it_counts_on(seconds: int) -> None:
    tide = after(LOW, arrivals(0, 2), BURST, NOON)

    tide = after(tide, arrivals(2, 3), BURST, NOON + timedelta(seconds=seconds))

    assert alone(tide, 5) == [0, 1, 2]
