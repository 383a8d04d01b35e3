"""A later delivery in the place of an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.delivery import Delivery, make_delivery
from hookrouter.domain.ids import LeadKey, RouteName, SinkName
from hookrouter.domain.lead import Fields, Lead
from hookrouter.domain.superseding import superseding
from hookrouter.testing.builders import an_occasion

fields = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2", None]))


def delivery_of(lead: Fields, before: Fields | None, push: str) -> Delivery:
    change = compare(Lead(key=LeadKey("7"), fields=lead), before)
    return make_delivery(an_occasion(push=push), change, RouteName("hot"), SinkName("sales"))


def chain(pushes: Sequence[Fields]) -> list[Delivery]:
    """A delivery for each push but the first, each compared with what all before it left."""
    states = list(accumulate(pushes, lambda before, pushed: {**before, **pushed}))
    return [
        delivery_of(pushed, before, f"p_{at}")
        for at, (before, pushed) in enumerate(zip(states, pushes[1:], strict=False))
    ]


def test_it_is_the_later_one_that_tells_both_changes() -> None:
    first, second = chain([{"status": "open", "score": "1"}, {"status": "hot"}, {"status": "hot", "score": "9"}])

    both = superseding(second, first)

    assert (both.id, both.push, both.lead) == (second.id, second.push, second.lead)
    assert both.changed == ("status", "score")
    assert both.previous == {"status": "open", "score": "1"}


def test_a_reminder_is_told_by_the_news_that_take_its_place() -> None:
    first, second = chain([{"status": "open"}, {"status": "hot"}, {"status": "cold"}])
    reminder = replace(first, step="15m", say="Nobody has called yet")

    told, reminded = superseding(second, reminder), superseding(replace(second, step="1h", say="Call!"), reminder)

    assert [(each.step, each.say) for each in (told, reminded)] == [("15m", ""), ("1h", "Call!")]
    assert told.changed == ("status",)


def test_what_was_changed_back_did_not_change() -> None:
    first, second = chain([{"status": "open", "score": "1"}, {"status": "hot"}, {"status": "open", "score": "2"}])

    both = superseding(second, first)

    assert both.changed == ("score",)
    assert both.previous == {"score": "1"}


def test_a_new_lead_is_still_new_to_the_far_side() -> None:
    born = {"a": "1", "createTimestamp": "2026-03-04 15:20:11", "updateTimestamp": "2026-03-04 15:20:11"}
    first = delivery_of(born, None, "p_1")
    second = delivery_of({**born, "a": "2"}, born, "p_2")

    both = superseding(second, first)

    assert both.event is LeadEvent.CREATED
    assert both.changed == ("a", "createTimestamp")
    assert both.previous == {"a": None, "createTimestamp": None}


@given(st.lists(fields, min_size=3, max_size=6))
def test_taking_the_place_of_all_is_as_if_only_the_last_had_come(states: list[Fields]) -> None:
    told = chain(states)
    last = told[0]
    for later in told[1:]:
        last = superseding(later, last)

    net = compare(Lead(key=LeadKey("7"), fields=last.lead), states[0])

    assert set(last.changed) == set(net.changed)
