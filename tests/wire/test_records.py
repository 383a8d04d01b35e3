"""What stands in Redis is read back, and what is wrong there is told from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.assignment import Assigned, Decision, Given
from hookrouter.domain.burst import LOW, Tide
from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.delivery import make_delivery
from hookrouter.domain.handing import Assigning, Touched
from hookrouter.domain.ids import EntryId, LeadKey, PushId, RouteName, SinkName, SourceName, TeamName
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.pending import Pending
from hookrouter.domain.remembered import NEVER_SEEN, Snapshot, before
from hookrouter.domain.routing import AT_ONCE, Enrichment
from hookrouter.domain.teams import Score, TeamState
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead, an_occasion
from hookrouter.wire.kept import records
from hookrouter.wire.kept.assigning import (
    read_assigning,
    read_decision,
    read_given,
    read_team_state,
    write_assigning,
    write_decision,
    write_given,
    write_team_state,
)
from hookrouter.wire.kept.enriching import read_enriching, write_enriching
from hookrouter.wire.kept.pending import (
    read_memberships,
    read_pending,
    read_timeline,
    write_memberships,
    write_pending,
    write_timeline,
)
from hookrouter.wire.kept.receipts import read_receipt
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.remembered import read_before, read_snapshot, write_before, write_snapshot
from hookrouter.wire.kept.set_aside import read_dead_letter, read_rejection
from hookrouter.wire.kept.standing import read_tide, write_tide

READERS: dict[str, Callable[[bytes], Any]] = {
    "intake": records.read_intake,
    "hydrating": records.read_hydrating,
    "delivery": records.read_delivery,
    "enriching": read_enriching,
    "listing": read_enriching,
    "memberships": read_memberships,
    "snapshot": read_snapshot,
    "before": read_before,
    "pending": read_pending,
    "history": read_timeline,
    "assigning": read_assigning,
    "touched": read_assigning,
    "team's state": read_team_state,
    "given": read_given,
    "decision": read_decision,
    "receipt": lambda record: read_receipt(record, duplicate=False),
    "dead letter": read_dead_letter,
    "rejection": lambda record: read_rejection("r", record),
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


TO = Assigned(owner="4", name="Ada Brown", team="east", reason="Ada next")
AN_ASSIGNING = Assigning(
    team=TeamName("east"), place=1, deliveries=(a_delivery(),), excluded=("5",), enrichment=Enrichment(lists=True)
)
A_TOUCH = Touched(who=a_delivery().who, owner="4")
A_STATE = TeamState(
    unit=3000,
    scores={"4": Score(credit=-7, given=2, day="2026-03-04", on_day=2, hour="2026-03-04T15+0000", in_hour=1)},
)
A_GIVEN = Given(to=TO, push=PushId("p_1"), place=0, owner_before="9", at=RECEIVED_AT.replace(microsecond=0))
A_DECISION = Decision(
    asked=TeamName("east"),
    assigned=TO,
    route=RouteName("hot"),
    push=PushId("p_1"),
    source=SourceName("crm"),
    lead_key=LeadKey("1"),
    at=RECEIVED_AT.replace(microsecond=0),
    is_new=True,
)


def written() -> dict[str, bytes]:
    return {
        "intake": records.write_intake(an_occasion().push, an_occasion().source, RECEIVED_AT, [(0, a_lead())]),
        "hydrating": records.write_hydrating(
            an_occasion().push, an_occasion().source, RECEIVED_AT, [(0, a_lead())], prove=True
        ),
        "delivery": records.write_delivery(a_delivery()),
        "enriching": write_enriching(Enrichment(last=timedelta(days=1)), [a_delivery()], RECEIVED_AT),
        "listing": write_enriching(Enrichment(timeline=False, lists=True), [a_delivery()], RECEIVED_AT),
        "memberships": write_memberships(["Newsletter"]),
        "pending": write_pending(a_pending(a_change())),
        "history": write_timeline(RECEIVED_AT, [{"eventSource": "formSubmit"}]),
        "snapshot": write_snapshot(Snapshot(fields=a_lead().fields, push=PushId("p_1"))),
        "assigning": write_assigning(AN_ASSIGNING),
        "touched": write_assigning(A_TOUCH),
        "team's state": write_team_state(A_STATE),
        "given": write_given(A_GIVEN),
        "decision": write_decision(A_DECISION),
        "before": write_before(
            {0: NEVER_SEEN, 3: before(a_lead().fields, Snapshot(fields={"id": "1"}, push=PushId("p_1")))}
        ),
    }


@pytest.mark.parametrize("remainder", [None, {"to": ["boss@example.com"]}])
@pytest.mark.parametrize("event", LeadEvent)
def test_a_delivery_is_read_back_as_it_was(event: LeadEvent, remainder: Json) -> None:
    created = {"createTimestamp": "2026-03-04 15:20:11"} if event is LeadEvent.CREATED else {}
    change = compare(a_lead(**created, phone="", mobile=None), None if created else {"leadStatus": "open"})
    delivery = make_delivery(an_occasion(), change, RouteName("hot"), SinkName("sales"))
    delivery = replace(delivery, remainder=remainder)

    assert records.read_delivery(records.write_delivery(delivery)) == delivery


@pytest.mark.parametrize(
    "assigned",
    [
        Assigned(
            owner="313499604", name="Ada Brown", slack="U02ADA", email="ada@x.example", team="east", reason="next"
        ),
        Assigned(owner="", team="east", reason="Ada away, Ben at his limit"),
    ],
)
def test_whom_a_lead_was_given_to_is_read_back(assigned: Assigned) -> None:
    delivery = a_delivery(assigned=assigned)

    assert records.read_delivery(records.write_delivery(delivery)) == delivery


@pytest.mark.parametrize("values", [None, "Ada", {}, {"owner": 1}, {"owner": "1", "name": None}])
def test_whom_a_lead_was_given_to_is_not_guessed_from_something_else(values: Json) -> None:
    record = {**json.loads(records.write_delivery(a_delivery())), "assigned": values}

    with pytest.raises(Unreadable):
        records.read_delivery(json.dumps(record).encode())


def test_why_a_delivery_is_late_is_read_back() -> None:
    delivery = a_delivery(late="network")

    assert records.read_delivery(records.write_delivery(delivery)) == delivery


def test_how_the_messages_of_a_sink_flow_is_read_back() -> None:
    tide = Tide(
        window_from=RECEIVED_AT,
        arrived=3,
        is_high=True,
        judged=EntryId("1-2"),
        names=(EntryId("1-0"), EntryId("1-1")),
        imports=("crm:p_1",),
    )

    assert [read_tide(write_tide(each)) for each in (tide, LOW)] == [tide, LOW]
    with pytest.raises(Unreadable):
        read_tide(b'{"v": 1, "from": null}')


@pytest.mark.parametrize("told", [{}, {"lists": ()}, {"lists": ("A", "B")}, {"lists": (), "lists_missing": "why"}])
def test_the_lists_of_a_lead_are_read_back_as_they_were(told: dict[str, Any]) -> None:
    delivery = a_delivery(**told)

    assert records.read_delivery(records.write_delivery(delivery)) == delivery


@pytest.mark.parametrize(
    "wanted",
    [
        Enrichment(),
        Enrichment(sources=("formSubmit",), lists=True),
        Enrichment(timeline=False, lists=True),
        Enrichment(patience=AT_ONCE),
        Enrichment(patience=timedelta(minutes=5)),
    ],
)
def test_what_a_message_wants_to_know_is_read_back_as_it_was(wanted: Enrichment) -> None:
    enrichment, [delivery], since = read_enriching(write_enriching(wanted, [a_delivery()], RECEIVED_AT))

    assert (enrichment, delivery, since) == (wanted, a_delivery(), RECEIVED_AT)


@pytest.mark.parametrize(
    ("said", "patience"),
    [({}, timedelta(minutes=1)), ({"on_failure": "wait"}, None), ({"on_failure": "deliver"}, AT_ONCE)],
)
def test_what_an_earlier_version_wrote_wants_the_history_alone_and_waits_as_it_did(
    said: dict[str, str], patience: timedelta | None
) -> None:
    now = json.loads(write_enriching(Enrichment(), [a_delivery()], RECEIVED_AT))
    assert not {"timeline", "lists"} & now.keys()
    earlier = {name: value for name, value in now.items() if name != "on_failure"} | said

    [enrichment, *_] = read_enriching(json.dumps(earlier).encode())

    assert enrichment == Enrichment(patience=patience)


def a_pending(change: Change) -> Pending:
    return Pending(occasion=an_occasion(place=3), change=change, routes=(RouteName("hot"), RouteName("warm")))


@pytest.mark.parametrize("earlier", [None, {"leadStatus": "open"}], ids=["first sight", "seen before"])
@pytest.mark.parametrize("event", LeadEvent)
def test_a_pending_lead_is_read_back_as_it_was(event: LeadEvent, earlier: Fields | None) -> None:
    created = {"createTimestamp": "2026-03-04 15:20:11"} if event is LeadEvent.CREATED else {}
    change = compare(a_lead(**created, phone="", mobile=None), None if created else earlier)
    pending = a_pending(replace(change, received=change.lead.fields))

    assert read_pending(write_pending(pending)) == pending


@pytest.mark.parametrize(
    ("write", "read", "fact"),
    [
        (write_assigning, read_assigning, AN_ASSIGNING),
        (write_assigning, read_assigning, replace(AN_ASSIGNING, excluded=(), enrichment=None)),
        (write_assigning, read_assigning, A_TOUCH),
        (write_team_state, read_team_state, A_STATE),
        (write_given, read_given, replace(A_GIVEN, is_open=False)),
        (write_decision, read_decision, A_DECISION),
    ],
)
def test_what_teams_remember_is_read_back(
    write: Callable[[Any], bytes], read: Callable[[bytes], Any], fact: Any
) -> None:
    assert read(write(fact)) == fact


@pytest.mark.parametrize("kind", READERS)
@given(record=st.binary(max_size=20) | json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_record_is_unreadable(kind: str, record: bytes) -> None:
    with pytest.raises(Unreadable):
        READERS[kind](record)


@pytest.mark.parametrize("kind", written())
@given(data=st.data(), value=json_values)
def test_a_record_with_a_wrong_value_is_read_or_unreadable(kind: str, data: st.DataObject, value: Any) -> None:
    values = json.loads(written()[kind])
    values[data.draw(st.sampled_from(sorted(values)))] = value

    try:
        READERS[kind](json.dumps(values).encode())
    except Unreadable:
        return
