"""Which leads are read back, and what they are when the CRM's copy has come."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.hydration import (
    NEVER_EMPTY,
    ReadBack,
    by_name,
    completed,
    is_partial,
    is_read_back,
    name_at_the_crm,
)
from hookrouter.domain.lead import Json, Lead, is_empty, lead_key
from hookrouter.testing.builders import FIELDS, a_lead

PARTIAL: dict[str, Mapping[str, Json]] = {
    "an id alone": {"id": "1"},
    "changed fields": {"id": "1", "leadScore": "80", "updateTimestamp": "2026-03-04 15:20:11"},
    "a form's postback": {"leadID": "1", "id": "1", "emailAddress": "a@example.com", "formid__sb": "2"},
    "an automation's postback": {"emailAddress": "a@example.com", "firstName": "Ada", "industry": "", "state": "CA"},
    "no creation": {**FIELDS, "createTimestamp": ""},
    "no status": {**FIELDS, "leadStatus": None},
    "no id": {**FIELDS, "id": None},
}
WHOLE: dict[str, Mapping[str, Json]] = {
    "as the API gives it": FIELDS,
    "of a form that leaves out what is null": {name: FIELDS[name] for name in NEVER_EMPTY},
    "a date that says nothing": {**FIELDS, "updateTimestamp": "0000-00-00 00:00:00"},
    "an id that is a number": {**FIELDS, "id": 718281920514},
}


@pytest.mark.parametrize("fields", PARTIAL.values(), ids=PARTIAL.keys())
def test_a_lead_that_lacks_what_the_crm_always_has_is_partial(fields: Mapping[str, Json]) -> None:
    assert is_partial(fields)


@pytest.mark.parametrize("fields", WHOLE.values(), ids=WHOLE.keys())
def test_a_lead_with_all_that_the_crm_always_has_is_whole(fields: Mapping[str, Json]) -> None:
    assert not is_partial(fields)


@pytest.mark.parametrize(
    ("read_back", "partial", "whole"),
    [(ReadBack.NEVER, False, False), (ReadBack.AUTO, True, False), (ReadBack.ALWAYS, True, True)],
)
def test_a_sources_mode_says_which_leads_wait(read_back: ReadBack, partial: bool, whole: bool) -> None:
    assert is_read_back(a_lead(leadStatus=""), read_back) is partial
    assert is_read_back(a_lead(), read_back) is whole


def test_a_lead_without_an_id_is_found_by_its_address_in_any_spelling() -> None:
    copy = a_lead(emailAddress="O&#039;Neil@Acme.example ")

    found = by_name([copy])

    assert found[name_at_the_crm(a_lead(id=None, emailAddress=" o'neil@ACME.example"))] is copy
    assert found[name_at_the_crm(a_lead())] is copy


def test_of_two_copies_with_one_address_the_active_one_counts_then_the_one_changed_last() -> None:
    inactive = a_lead(id="1", active="0", updateTimestamp="2026-05-01 00:00:00")
    older = a_lead(id="2", active="1", updateTimestamp="2026-01-01 00:00:00")
    newer = a_lead(id="3", active="1", updateTimestamp="2026-02-01 00:00:00")
    name = name_at_the_crm(a_lead(id=None))

    assert by_name([inactive, older])[name] is older
    assert by_name([newer, older, inactive])[name] is newer
    assert by_name([inactive])[name] is inactive


names = st.sampled_from(["firstName", "leadScore", "field_1", "company_61a0c3f2b4d5e", "emailAddress"])
values = st.none() | st.sampled_from(["", "a", "b", "80", "&amp;"])
moments = st.sampled_from(["2026-03-04 15:20:11", "2026-03-04 15:20:12", "2026-03-05 00:00:00"])
odd_moments = st.sampled_from(["", "x", "0000-00-00 00:00:00"]) | st.none()


@st.composite
def pushes(draw: st.DrawFn) -> Lead:
    own = draw(st.dictionaries(names | st.sampled_from(["leadStatus", "createTimestamp"]), values, max_size=5))
    named = draw(st.sampled_from([{"id": "1"}, {"leadID": "1"}, {"id": "", "leadID": "1"}]))
    updated = draw(st.sampled_from([{}]) | st.fixed_dictionaries({"updateTimestamp": moments | odd_moments}))
    fields = {**own, **named, **updated}
    key = lead_key(fields)
    assert key is not None
    return Lead(key=key, fields=fields)


@st.composite
def copies(draw: st.DrawFn) -> Lead:
    own = draw(st.dictionaries(names, values, max_size=5))
    times = {"createTimestamp": "2026-01-01 00:00:00", "updateTimestamp": draw(moments)}
    fields: dict[str, Json] = {**own, "leadStatus": "open", **times, "id": "1"}
    return Lead(key=a_lead(id="1").key, fields=fields)


@given(pushed=pushes(), copy=copies())
def test_a_completed_lead_is_whole_and_no_older_than_either(pushed: Lead, copy: Lead) -> None:
    lead = completed(pushed, copy)

    assert not is_partial(lead.fields)
    assert lead.key == copy.key == lead.fields["id"]
    known = [moment for moment in (pushed.updated_at, copy.updated_at) if moment is not None]
    assert lead.updated_at == max(known)


@given(pushed=pushes(), copy=copies())
def test_every_value_is_the_newer_sides_where_it_has_the_field(pushed: Lead, copy: Lead) -> None:
    lead = completed(pushed, copy)

    assert copy.updated_at is not None
    pushed_wins = pushed.updated_at is not None and pushed.updated_at > copy.updated_at
    assert lead.fields.keys() == pushed.fields.keys() | copy.fields.keys()
    for name in lead.fields.keys() - {"id"}:
        says_something = name in pushed.fields and not (name in NEVER_EMPTY and is_empty(pushed.fields[name]))
        from_push = says_something and (pushed_wins or name not in copy.fields)
        assert lead.fields[name] == (pushed if from_push else copy).fields[name]


@given(pushed=pushes(), copy=copies())
def test_to_complete_twice_is_to_complete_once(pushed: Lead, copy: Lead) -> None:
    once = completed(pushed, copy)

    assert completed(once, copy) == once
