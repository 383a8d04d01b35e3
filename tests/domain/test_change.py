"""What a push changed, judged by the last snapshot."""

from datetime import UTC, datetime

import pytest

from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead, crm_time, field_at, is_empty, lead_key, number_of, same_value, text_of
from hookrouter.domain.push import Via

KEY = LeadKey("718281920514")
SNAPSHOT = {"id": "718281920514", "leadStatus": "open", "leadScore": "12", "companyName": "", "title": None}

SAME = {
    "a number and its digits": ("12", 12),
    "a float and its digits": ("12", 12.0),
    "true and 1": (True, "1"),
    "false and 0": (False, 0),
    "null and nothing": (None, ""),
    "an empty list and null": ([], None),
    "an empty map and an empty list": ({}, []),
    "lists": (["1", None], [1, ""]),
    "maps with an empty part and without": ({"a": 1, "b": ""}, {"a": "1"}),
    "maps in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
}
DIFFERENT = {
    "case": ("Open", "open"),
    "a blank": ("open ", "open"),
    "a leading zero": ("02134", 2134),
    "nothing and zero": ("", 0),
    "nothing and false": (None, False),
    "null and a text": (None, "null"),
    "a list and the text of its spelling": (["a", "b"], "[a,b]"),
    "one member with a comma and two members": (["a,b"], ["a", "b"]),
    "a value with a colon and two keys": ({"a": "1,b:2"}, {"a": "1", "b": "2"}),
    "a list and a longer one": ([1], [1, 2]),
    "lists in another order": ([1, 2], [2, 1]),
    "long ids": (9007199254740993, 9007199254740992),
}


def a_lead(**fields):
    return Lead(key=KEY, fields={"id": "718281920514", **fields})


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_spellings_of_one_value_are_the_same(one, other):
    assert same_value(one, other)
    assert same_value(other, one)
    assert compare(a_lead(field=one), {**SNAPSHOT, "field": other}).event is LeadEvent.UNCHANGED


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_values_that_differ_are_a_change(one, other):
    assert not same_value(one, other)
    assert not same_value(other, one)
    assert compare(a_lead(field=one), {**SNAPSHOT, "field": other}).changed == ("field",)


def test_an_update_tells_what_changed_from_what():
    lead = a_lead(leadScore="80", leadStatus="qualified", companyName=None, title="")

    change = compare(lead, SNAPSHOT)

    assert change == Change(
        event=LeadEvent.UPDATED,
        lead=lead,
        received=lead.fields,
        changed=("leadScore", "leadStatus"),
        previous={"leadScore": "12", "leadStatus": "open"},
        earlier_known=True,
    )


def test_what_a_partial_push_leaves_out_stands():
    change = compare(a_lead(leadScore="80"), SNAPSHOT)

    assert change.lead.fields == {**SNAPSHOT, "leadScore": "80"}
    assert change.changed == ("leadScore",)


def test_an_emptied_field_is_a_change_to_nothing():
    change = compare(a_lead(leadStatus=""), SNAPSHOT)

    assert change.changed == ("leadStatus",)
    assert change.lead.fields["leadStatus"] == ""


def test_a_field_that_was_not_there_was_nothing():
    change = compare(a_lead(state="CA"), SNAPSHOT)

    assert change.previous == {"state": None}


def test_a_later_timestamp_alone_changes_nothing():
    snapshot = {**SNAPSHOT, "updateTimestamp": "2026-03-04 15:20:11"}

    change = compare(a_lead(leadScore=12, updateTimestamp="2026-03-04 16:00:00"), snapshot)

    assert (change.event, change.changed, change.earlier_known) == (LeadEvent.UNCHANGED, (), True)
    assert change.lead.fields["updateTimestamp"] == "2026-03-04 16:00:00"


@pytest.mark.parametrize(
    ("snapshot", "event"),
    [
        ("2026-03-05 15:00:00", LeadEvent.STALE),  # a clock or a zone that is ahead
        ("2026-03-05 15:30:00", LeadEvent.UPDATED),
        ("9999-12-31 23:59:59", LeadEvent.UPDATED),
    ],
)
def test_a_snapshot_from_days_ahead_makes_nothing_stale(snapshot, event):
    now = datetime(2026, 3, 4, 15, 20, tzinfo=UTC)
    lead = a_lead(leadScore="5", updateTimestamp="2026-03-04 15:19:00")

    assert compare(lead, {**SNAPSHOT, "updateTimestamp": snapshot}, now=now).event is event


def test_a_lead_older_than_its_snapshot_is_stale():
    snapshot = {**SNAPSHOT, "updateTimestamp": "2026-03-04 15:20:11"}
    lead = a_lead(leadScore="5", updateTimestamp="2026-03-04 15:20:10")

    change = compare(lead, snapshot)

    assert change == Change(
        event=LeadEvent.STALE,
        lead=Lead(key=KEY, fields={**snapshot, **lead.fields}),
        received={**snapshot, **lead.fields},
        changed=(),
        previous={},
        earlier_known=True,
    )


@pytest.mark.parametrize("updated", ["2026-03-04 15:20:11", "", None, "0000-00-00 00:00:00", "soon"])
def test_a_lead_of_the_same_second_or_without_a_time_is_not_stale(updated):
    snapshot = {**SNAPSHOT, "updateTimestamp": "2026-03-04 15:20:11"}

    assert compare(a_lead(leadScore="5", updateTimestamp=updated), snapshot).event is LeadEvent.UPDATED


@pytest.mark.parametrize("created", ["2026-03-04 15:20:11", "2026-03-04 15:19:11", "2026-03-04 15:21:11"])
def test_a_lead_first_seen_within_a_minute_of_its_creation_is_new(created):
    lead = a_lead(createTimestamp=created, updateTimestamp="2026-03-04 15:20:11", title="", leadScore=0)

    change = compare(lead, None)

    assert change.event is LeadEvent.CREATED
    assert change.changed == ("id", "createTimestamp", "leadScore")
    assert change.previous == {"id": None, "createTimestamp": None, "leadScore": None}
    assert change.earlier_known


@pytest.mark.parametrize("created", ["2026-03-04 15:19:10", "2026-03-02 09:01:45", "", None, "soon"])
def test_of_an_older_lead_first_seen_nothing_is_known_to_have_changed(created):
    lead = a_lead(createTimestamp=created, updateTimestamp="2026-03-04 15:20:11")

    change = compare(lead, None)

    assert change == Change(
        event=LeadEvent.UPDATED, lead=lead, received=lead.fields, changed=(), previous={}, earlier_known=False
    )


SWEPT = {
    "of which nothing is known": (None, LeadEvent.DELETED),
    "known as active": ({"active": "1", "updateTimestamp": "2026-03-04 15:20:11"}, LeadEvent.DELETED),
    "told as gone before": ({"active": "0", "updateTimestamp": "2026-03-04 15:20:11"}, LeadEvent.UNCHANGED),
    "that came back meanwhile": ({"active": "1", "updateTimestamp": "2026-03-04 15:20:12"}, LeadEvent.STALE),
}


@pytest.mark.parametrize(("snapshot", "event"), SWEPT.values(), ids=SWEPT)
def test_a_lead_that_a_sweep_brings_is_deleted_unless_that_is_no_news(snapshot, event):
    gone = Lead(key=KEY, fields={"active": "0", "updateTimestamp": "2026-03-04 15:20:11"})

    assert compare(gone, snapshot, Via.SWEEP).event is event


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"id": "7", "leadID": "8", "emailAddress": "a@b.c"}, "7"),
        ({"id": 7}, "7"),
        ({"id": "", "leadID": 8}, "8"),
        ({"whoID": "9"}, "9"),
        ({"emailAddress": " Ada@Example.COM "}, "email:ada@example.com"),
        ({"emailAddress": " "}, None),
        ({"firstName": "Ada"}, None),
    ],
)
def test_a_lead_is_known_by_its_id_else_by_its_address(fields, key):
    assert lead_key(fields) == key


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("80", 80),
        ("-1.5", -1.5),
        (80, 80),
        (True, 1),
        ("", None),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
        (float("nan"), None),
        (float("-inf"), None),
        (10**400, None),
        ("1" + "0" * 400, None),
        (None, None),
        ([1], None),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_number_is_finite_or_none(value, number):
    assert number_of(value) == number


@pytest.mark.parametrize(
    ("path", "value"),
    [("a", {"b": {"c": 1}}), ("a.b.c", 1), ("a.b.x", None), ("a.b.c.d", None), ("x.y", "whole"), ("z", None)],
)
def test_a_dotted_path_leads_into_nested_values(path, value):
    assert field_at({"a": {"b": {"c": 1}}, "x.y": "whole", "x": {"y": "part"}}, path) == value


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_nothing_is_empty_however_it_is_spelled(value):
    assert is_empty(value)
    assert text_of(value) == ""


@pytest.mark.parametrize("value", [0, False, " ", [None], {"a": None}])
def test_something_is_not_empty(value):
    assert not is_empty(value)


def test_times_with_and_without_a_zone_compare():
    assert crm_time("2026-03-04T10:20:11-05:00") == crm_time("2026-03-04 15:20:11")


def test_what_the_crm_encoded_is_seen_as_people_typed_it_and_kept_as_it_came():
    change = compare(a_lead(companyName="Smith &amp; &quot;Sons&quot;"), {**SNAPSHOT, "companyName": "A &lt; B"})

    assert change.lead.fields["companyName"] == 'Smith & "Sons"'
    assert change.received["companyName"] == "Smith &amp; &quot;Sons&quot;"
    assert change.previous == {"companyName": "A < B"}


@pytest.mark.parametrize(("one", "other"), [("Smith &amp; Sons", "Smith & Sons"), ("O&#039;Brien", "O'Brien")])
def test_the_same_text_encoded_or_not_is_no_change(one, other):
    assert compare(a_lead(companyName=one), {**SNAPSHOT, "companyName": other}).event is LeadEvent.UNCHANGED
    assert compare(a_lead(companyName=other), {**SNAPSHOT, "companyName": one}).event is LeadEvent.UNCHANGED


def test_a_new_lead_is_seen_as_people_typed_it_too():
    moment = "2026-03-04 15:20:11"
    lead = a_lead(companyName="A &gt; B", createTimestamp=moment, updateTimestamp=moment)

    change = compare(lead, None)

    assert change.lead.fields["companyName"] == "A > B"
    assert change.received == lead.fields
