"""Which changes are our own doing, by what was written, and when that counts no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.lead import Json
from hookrouter.domain.own_writes import GONE, MADE, OwnWrites, Recognised, Written, recognise, without_own
from hookrouter.domain.push import Via
from hookrouter.testing.builders import FIELDS, a_lead

WRITTEN_AT = datetime(2026, 3, 4, 15, 20, 10, tzinfo=UTC)  # a second before the lead's last change
LATER = "2026-03-04 15:20:11"
EARLIER = "2026-03-04 15:20:09"


def wrote(name: str, value: Json, at: datetime = WRITTEN_AT) -> Written:
    return Written(mark=f"{name}={value}", name=name, value=value, at=at)


def recognised(*written: Written, was: dict[str, Json], **now: Json) -> Recognised:
    pushed = a_lead(**now)
    return recognise(compare(pushed, {**FIELDS, "updateTimestamp": "2026-03-04 15:00:00", **was}), pushed, written)


@pytest.mark.parametrize(
    ("name", "value", "pushed"),
    [
        ("leadStatus", "open", "open"),
        ("leadScore", 80, "80"),
        ("active", False, "0"),
        ("ownerID", None, ""),
        ("companyName", "Smith & <Sons>", "Smith &amp; &lt;Sons&gt;"),
        ("emailAddress", "Ada.Brown@Acme.example", "ada.brown@acme.example"),
        ("title", " Buyer ", "Buyer"),
    ],
)
def test_a_value_is_known_however_the_crm_writes_it(name: str, value: Json, pushed: Json) -> None:
    found = recognised(wrote(name, value), was={name: "what was before"}, **{name: pushed})

    assert found.change.event is LeadEvent.ECHO
    assert found.change.changed == (name,)
    assert [each.name for each in found.spent] == [name]


def test_what_else_changed_counts_alone() -> None:
    found = recognised(wrote("title", "Buyer"), was={"title": "x", "city": "Ulm"}, title="Buyer", city="Bonn")

    assert (found.change.event, found.change.changed) == (LeadEvent.UPDATED, ("city",))
    assert found.change.previous == {"city": "Ulm"}
    assert found.own == ("title",)


def test_another_value_than_ours_is_none_of_our_doing() -> None:
    found = recognised(wrote("title", "Buyer"), was={"title": "x"}, title="Seller", updateTimestamp=EARLIER)

    assert (found.change.event, found.change.changed, found.spent) == (LeadEvent.UPDATED, ("title",), ())


def test_a_later_change_to_something_else_ends_the_wait_for_an_echo() -> None:
    mark = wrote("title", "Buyer")
    found = recognised(mark, was={"title": "x"}, title="Seller", updateTimestamp=LATER)

    assert found.spent == (mark,)


def test_what_was_written_before_what_came_back_is_waited_for_no_more() -> None:
    before, last = wrote("title", "Buyer"), wrote("title", "Seller", datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC))
    found = recognised(before, last, was={"title": "x"}, title="Seller", updateTimestamp=EARLIER)

    assert found.change.event is LeadEvent.ECHO
    assert found.spent == (last, before)


def test_what_follows_a_status_belongs_to_it() -> None:
    now = {"leadStatus": "contact", "isContact": "1", "isQualified": "1"}
    was = {"leadStatus": "open", "isContact": "0", "isQualified": "0"}

    assert recognised(wrote("leadStatus", "contact"), was=was, **now).change.event is LeadEvent.ECHO
    assert recognised(wrote("title", "Buyer"), was=was, title="Buyer", **now).change.changed == tuple(now)


def test_a_stale_push_is_no_echo() -> None:
    mark = wrote("title", "Buyer")
    found = recognised(mark, was={"title": "x", "updateTimestamp": "2026-03-05 00:00:00"}, title="Buyer")

    assert (found.change.event, found.spent) == (LeadEvent.STALE, ())


def test_a_lead_that_we_created_is_an_echo_with_all_that_the_crm_filled_in() -> None:
    made = a_lead(createTimestamp="2026-03-04 15:20:11")
    mark = wrote(MADE, None)

    assert recognise(compare(made, None), made, [mark]).change.event is LeadEvent.ECHO
    assert recognise(compare(made, None), made, [wrote("title", "Buyer")]).change.event is LeadEvent.CREATED


def test_a_lead_that_we_deleted_is_an_echo_when_a_sweep_misses_it() -> None:
    gone = a_lead(active="0")
    swept = compare(gone, FIELDS, Via.SWEEP)

    assert recognise(swept, gone, [wrote(GONE, None)]).change.event is LeadEvent.ECHO
    assert recognise(swept, gone, [wrote("title", "Buyer")]).change.event is LeadEvent.DELETED


@pytest.mark.parametrize("event", [LeadEvent.CREATED, LeadEvent.DELETED])
def test_what_is_remembered_of_an_echo_tells_it_again(event: LeadEvent) -> None:
    change = replace(compare(a_lead(), FIELDS), event=event)
    found = recognise(change, a_lead(), [wrote(MADE, None), wrote(GONE, None)])

    assert without_own(change, found.own) == found.change


def test_what_came_back_is_spent_under_the_name_that_it_was_written_by() -> None:
    lead = a_lead(title="Buyer")
    mark = wrote("title", "Buyer")
    by_address = ("crm", "email:ada.brown@acme.example")
    own = OwnWrites({by_address: [mark, wrote("city", "Ulm")]})  # type: ignore[dict-item]

    found = own.recognise(compare(lead, {**FIELDS, "title": "x"}), lead, "crm")  # type: ignore[arg-type]
    spent = list(own.spend(lead, "crm", found.spent))  # type: ignore[arg-type]

    assert spent == [(by_address[1], (mark.mark,))]
    assert [each.name for each in own.by_name[by_address]] == ["city"]  # type: ignore[index]
