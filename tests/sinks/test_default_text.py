from dataclasses import replace

import pytest

from hookrouter.domain.change import LeadEvent
from hookrouter.sinks.default_text import MOST_CHANGES, MOST_HISTORY, default_text, field_changes, lead_name
from hookrouter.testing.builders import a_change, a_delivery, a_lead


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Ada Brown (Acme)"),
        ({"companyName": ""}, "Ada Brown"),
        ({"firstName": None}, "Brown (Acme)"),
        ({"firstName": None, "lastName": ""}, "ada.brown@acme.example (Acme)"),
        ({"firstName": None, "lastName": "", "emailAddress": ""}, "Acme"),
        ({"firstName": "", "lastName": "", "emailAddress": "", "companyName": None}, "lead 718281920514"),
        ({"firstName": "A\r\nda", "lastName": "x" * 500, "companyName": ""}, "A da " + "x" * 199 + "…"),
    ],
)
def test_a_lead_is_called_as_people_do(fields, name):
    assert lead_name(a_lead(**fields).fields) == name


def test_a_lead_without_anything_still_has_a_name():
    assert lead_name({}) == "lead without a name"


def test_an_update_says_what_changed_from_what_to_what():
    wording = default_text(a_delivery(), "")

    assert [str(change) for change in wording.changes] == ["Lead status: open → qualified"]
    assert wording.summary == "Lead updated: Ada Brown (Acme), Lead status: open → qualified"


def test_empty_values_are_called_empty():
    lead = a_lead(city=None, street="1 Main St")
    change = a_change(lead=lead, changed=("city", "street"), previous={"city": "Ulm", "street": None})

    wording = default_text(a_delivery(change=change), "")

    assert [str(change) for change in wording.changes] == ["City: Ulm → (empty)", "Street: (empty) → 1 Main St"]


def test_a_new_lead_says_what_it_has():
    change = a_change(event=LeadEvent.CREATED, changed=("id", "leadStatus"), previous={})

    wording = default_text(a_delivery(change=change), "")

    assert [str(change) for change in wording.changes] == ["Lead status: qualified"]
    assert wording.summary == "New lead: Ada Brown (Acme)"


def test_what_is_too_much_is_counted():
    fields = {f"field_{number}": number for number in range(25)}
    change = a_change(lead=a_lead(**fields), changed=tuple(fields), previous={})
    history = tuple({"createTimestamp": "2026-03-04 15:20:11", "eventSource": "formSubmit"} for _ in range(9))

    wording = default_text(a_delivery(change=change, timeline=history), "")

    assert (len(wording.changes), wording.remainder) == (MOST_CHANGES, "and 15 more changed")
    assert wording.history == ("2026-03-04 15:20:11 UTC formSubmit",) * MOST_HISTORY


def test_a_missing_history_says_why():
    assert default_text(a_delivery(timeline_missing="the CRM is away"), "").history == (
        "history not available: the CRM is away",
    )


def test_the_delivery_can_be_found_again():
    delivery = a_delivery()

    assert default_text(delivery, "").origin == f"route hot-lead · {delivery.id[:10]}"


def test_a_new_lead_is_told_by_what_whoever_calls_wants_to_know() -> None:
    change = a_change(
        lead=a_lead(
            ownerID="313499604",
            active="1",
            isQualified="0",
            leadScoreWeighted="0",
            persona="Buyer",
            phoneNumber="555 0100",
            leadScore="91",
        )
    )
    names = tuple(change.lead.fields)
    new = a_delivery(change=replace(change, event=LeadEvent.CREATED, changed=names))

    changes, more = field_changes(new)

    told = [each.name for each in changes]
    assert told[:4] == ["Lead status", "Lead score", "E-mail", "Phone"]
    assert told[-1] == "Owner"
    assert more == 0
    assert not {"firstName", "lastName", "companyName", "active", "isQualified", "leadScoreWeighted"} & set(told)


def test_of_a_change_nothing_is_left_out() -> None:
    change = a_change(changed=("firstName", "active", "leadStatus"))

    changes, _ = field_changes(a_delivery(change=change))

    assert [each.name for each in changes] == ["Lead status", "First name", "Active"]
