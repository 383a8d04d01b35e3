"""Custom fields are found by the names that people know, wherever a field is named, and never by guessing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.change import compare
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead
from hookrouter.domain.personal import Mask
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.routing import Route, RouteTable
from hookrouter.domain.short_names import called, short_name
from hookrouter.domain.visible import as_allowed
from hookrouter.testing.builders import a_case, a_delivery
from hookrouter.wire.messages.template import Template, template_context
from hookrouter.wire.rules.language import read_match

COLOR, OTHER_COLOR = "favorite_color_5a0dd86e6e290", "favorite_color_5b1ee97f7f3a1"
BUDGET, SINCE = "Budget_5a0dd86e6e290", "since_5a0dd86e6e290"
LEAD = {"id": "1", "leadStatus": "open", COLOR: "red", BUDGET: "90", SINCE: "2026-03-04 10:00:00"}
BEFORE = {"id": "1", "leadStatus": "open", COLOR: "blue", BUDGET: "70", SINCE: ""}


def case_of(fields, before=None):
    return a_case(compare(Lead(key=LeadKey("1"), fields=fields), before))


def judged(match, fields, before=None):
    """Whether it holds, by the running router and by what is explained alike; and what was found."""
    conditions, _ = read_match(match, ())
    case = case_of(fields, before)
    table = RouteTable((Route(name="r", conditions=conditions, to=(), events=frozenset({case.change.event})),))
    [verdict] = table.verdicts(case)
    assert bool(table.matching(case)) is verdict.matched
    return verdict.matched, "; ".join(part.found for part in verdict.judgement.parts[1:])


@pytest.mark.parametrize(
    "match",
    [
        {"favorite_color": "red"},
        {"favorite_color": {"not": "blue"}},
        {"favorite_color": {"exists": True}},
        {"Budget": {"gte": 90}},
        {"since": {"within": "1d"}},
        {"since": {"after": "2026-03-01"}},
        {"changed": ["favorite_color"]},
        {"changed": ["leadStatus", "favorite_color"]},
        {"changed": {"favorite_color": {"from": "blue", "to": "red"}}},
        {"crossed": {"Budget": {"above": 80}}},
        {"any": [{"favorite_color": "green"}, {"favorite_color": "red"}]},
    ],
    ids=str,
)
def test_a_custom_field_is_found_without_its_digits(match):
    assert judged(match, LEAD, BEFORE)[0]
    assert judged({"not": match}, LEAD, BEFORE)[0] is False


def test_dots_lead_into_it_as_into_any_field():
    assert judged({"address.city": "Ulm"}, {"id": "1", "address_5a0dd86e6e290": {"city": "Ulm"}})[0]


def test_two_fields_that_are_called_so_are_called_so_by_nobody():
    fields = {**LEAD, OTHER_COLOR: "red"}
    said = f"two fields are called so: {COLOR}, {OTHER_COLOR}"

    assert judged({"favorite_color": "red"}, fields, BEFORE) == (False, said)
    assert judged({"favorite_color": {"within": "1d"}}, fields, BEFORE) == (False, said)
    assert judged({"changed": ["favorite_color"]}, fields, BEFORE) == (False, said)
    assert judged({"changed": {"favorite_color": {"to": "red"}}}, fields, BEFORE) == (False, said)
    assert judged({"crossed": {"favorite_color": {"above": 1}}}, fields, BEFORE) == (False, said)
    assert judged({COLOR: "red"}, fields, BEFORE) == (True, "was red")


def test_a_field_of_that_very_name_is_meant_even_when_it_is_empty():
    fields = {**LEAD, "favorite_color": ""}

    assert judged({"favorite_color": "red"}, fields) == (False, "was empty")
    assert judged({"favorite_color": "green"}, {**LEAD, "favorite_color": "green"})[0]


def test_a_name_of_the_crms_own_means_no_custom_field():
    assert judged({"state": "CA"}, {"id": "1", "state_5a0dd86e6e290": "CA"}) == (False, "was empty")


def test_what_has_no_digits_behind_it_has_no_short_name():
    names = ["a_5a0dd86e6e29", "a_5a0dd86e6e29g", "_5a0dd86e6e290", "a5a0dd86e6e290", "a-5a0dd86e6e290", "a", ""]

    assert [short_name(name) for name in names] == [None] * len(names)
    assert short_name("Favorite_Color_5A0DD86E6E290") == "Favorite_Color"
    assert short_name("a__5a0dd86e6e290") == "a_"


@given(
    st.dictionaries(st.sampled_from(["a", "a_5a0dd86e6e290", "a_5a0dd86e6e291", "b_5a0dd86e6e290"]), st.integers(0, 3))
)
def test_a_short_name_means_the_one_field_called_so_or_none(fields):
    whole = [name for name in fields if short_name(name) == "a"]
    meant = fields.get("a", fields[whole[0]] if len(whole) == 1 else None)

    assert case_of(fields).field("a") == meant
    assert called(fields).get("b", ()) == tuple(name for name in fields if name.startswith("b"))


def rendered(template, fields=LEAD, before=BEFORE):
    change = compare(Lead(key=LeadKey("1"), fields=fields), before)
    return Template(template).render(template_context(a_delivery(change=change), lambda _: None))


def test_templates_know_the_short_names():
    assert rendered("{{ lead.favorite_color }}, was {{ previous['favorite_color'] }}") == "red, was blue"
    assert rendered("{{ lead.get('favorite_color') }} {{ lead.get('nothing', 'none') }}") == "red none"
    assert rendered("{{ 'favorite_color' in changed }} {{ 'leadStatus' in changed }}") == "true false"
    assert rendered("{{ 'favorite_color' in lead }}{{ 'state' in lead }}") == "truefalse"


def test_templates_list_the_whole_names():
    assert rendered("{{ changed|join(' ') }}") == f"{COLOR} {BUDGET} {SINCE}"
    assert rendered("{{ changed }}") == f'["{COLOR}","{BUDGET}","{SINCE}"]'
    assert rendered("{{ lead|length }}") == "5"
    assert rendered("{{ lead|tojson }}").count("favorite_color") == 1


def test_in_templates_too_two_that_are_called_so_are_nobody():
    fields = {**LEAD, OTHER_COLOR: "green"}
    before = {**BEFORE, OTHER_COLOR: "green"}

    assert rendered("[{{ lead.favorite_color }}{{ previous.favorite_color }}]", fields, before) == "[]"
    assert rendered("{{ 'favorite_color' in changed }}", fields, before) == "false"


def test_a_sink_that_may_see_a_field_by_its_short_name_sees_that_one():
    delivery = a_delivery(change=compare(Lead(key=LeadKey("1"), fields=LEAD), BEFORE))

    seen = as_allowed(delivery, SinkPolicy(only=("favorite_color", "leadStatus")))

    assert seen.lead == {"id": "1", "leadStatus": "open", COLOR: "red"}
    assert (seen.previous, seen.changed) == ({COLOR: "blue"}, (COLOR,))


def test_a_sink_sees_neither_of_two_fields_that_are_called_so():
    delivery = replace(a_delivery(), lead={**LEAD, OTHER_COLOR: "green"})

    assert as_allowed(delivery, SinkPolicy(only=("favorite_color",))).lead == {"id": "1"}


def test_all_fields_that_are_called_as_redact_says_are_hidden():
    mask = Mask(frozenset({"favorite_color"}))

    assert mask.value({COLOR: "crimson", OTHER_COLOR: "emerald", "favorite_color": "scarlet", "state": "CA"}) == {
        COLOR: "***on",
        OTHER_COLOR: "***ld",
        "favorite_color": "***et",
        "state": "CA",
    }
