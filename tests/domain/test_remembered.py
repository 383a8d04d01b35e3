"""How a lead was before a push is remembered by its difference from what was pushed, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.change import compare
from hookrouter.domain.ids import LeadKey, PushId
from hookrouter.domain.lead import Lead
from hookrouter.domain.remembered import Snapshot, before
from hookrouter.wire.kept.remembered import read_before, write_before

values = (
    st.none()
    | st.sampled_from(["", "open", "80", 80, True, "&amp;"])
    | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=2)
)
leads = st.dictionaries(st.sampled_from("abcdef"), values)


def seen(fields):
    return None if fields is None else Snapshot(fields=fields)


def test_it_names_the_push_by_which_the_lead_was_last_changed():
    was = Snapshot(fields={"id": "1"}, push=PushId("p_1"))
    stored = read_before(write_before({0: before({"id": "1"}, was), 1: before({"id": "2"}, None)}))

    assert {place: told.push for place, told in stored.items()} == {0: "p_1", 1: ""}


@given(leads, st.none() | leads)
def test_it_is_told_whole_also_when_it_was_stored_meanwhile(pushed, snapshot):
    stored = write_before({7: before(pushed, seen(snapshot))})

    assert read_before(stored)[7].of(pushed) == snapshot


@given(leads, st.none() | leads)
def test_the_router_would_judge_it_as_it_did(pushed, snapshot):
    lead = Lead(key=LeadKey("1"), fields=pushed)
    told = before(pushed, seen(snapshot)).of(pushed)

    assert compare(lead, told) == compare(lead, snapshot)


@pytest.mark.parametrize(("snapshot", "fewest"), [(None, 30), ({"id": "1", "leadStatus": "open"}, 60)])
def test_it_takes_few_bytes(snapshot, fewest):
    pushed = {"id": "1", "leadStatus": "qualified", **{f"field{number}": "a value" for number in range(50)}}
    whole = None if snapshot is None else {**pushed, **snapshot}

    assert len(write_before({0: before(pushed, seen(whole))})) <= fewest
