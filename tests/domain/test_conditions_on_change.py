"""Why `changed`, `crossed` and `event` do not hold, in words; when they do is told by the tables of docs/routing.md."""

import pytest

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead
from hookrouter.testing.builders import a_case
from hookrouter.wire.rules.language import read_match

UNKNOWN = None
NEW = {"createTimestamp": "2026-03-04 15:20:11", "updateTimestamp": "2026-03-04 15:20:41"}
BEFORE = {"leadStatus": "open", "leadScore": "60", "companyName": "", "address": {"city": "Oakland", "zip": "94601"}}
NOW = {"leadStatus": "qualified", "leadScore": "85", "companyName": "Acme", "address": {"city": "Oakland", "zip": "1"}}

FAILS = {
    "one field": ({"changed": ["firstName"]}, NOW, BEFORE, "changed [firstName] (it did not change)"),
    "none of several": (
        {"changed": ["leadStatus", "leadScore"]},
        {"title": "Buyer"},
        BEFORE,
        "changed [leadStatus, leadScore] (none of them changed)",
    ),
    "a path that stayed": ({"changed": ["address.city"]}, NOW, BEFORE, "changed [address.city] (it did not change)"),
    "another spelling": ({"changed": ["leadScore"]}, {"leadScore": 60}, BEFORE, None),
    "null for empty": ({"changed": ["companyName"]}, {"companyName": None}, BEFORE, None),
    "from another": (
        {"changed": {"leadStatus": {"from": "contact", "to": "qualified"}}},
        NOW,
        BEFORE,
        "changed leadStatus from contact to qualified (was open, is qualified)",
    ),
    "to what it was": (
        {"changed": {"leadStatus": {"to": "open"}}},
        BEFORE,
        BEFORE,
        "changed leadStatus to open (it did not change)",
    ),
    "one of two fields": (
        {"changed": {"leadScore": {"from": 60}, "companyName": {"from": "Acme"}}},
        NOW,
        BEFORE,
        "changed companyName from Acme (was empty, is Acme)",
    ),
    "above already": (
        {"crossed": {"leadScore": {"above": 50}}},
        NOW,
        BEFORE,
        "crossed leadScore above 50 (was 60, is 85)",
    ),
    "not yet above": ({"crossed": {"leadScore": {"above": 85}}}, NOW, BEFORE, None),
    "above and unchanged": (
        {"crossed": {"leadScore": {"above": 50}}},
        {"title": "Buyer"},
        BEFORE,
        "crossed leadScore above 50 (was 60, is 60)",
    ),
    "no number": ({"crossed": {"leadScore": {"above": 50}}}, {"leadScore": "high"}, {"leadScore": "1"}, None),
    "below by emptying": ({"crossed": {"leadScore": {"below": 50}}}, {"leadScore": ""}, BEFORE, None),
    "below from above": ({"crossed": {"leadScore": {"below": 50}}}, NOW, BEFORE, None),
    "unknown: changed": ({"changed": ["leadStatus"]}, NOW, UNKNOWN, "changed [leadStatus] (no earlier state known)"),
    "unknown: from": (
        {"changed": {"leadStatus": {"from": "open"}}},
        NOW,
        UNKNOWN,
        "changed leadStatus from open (no earlier state known)",
    ),
    "unknown: crossed": (
        {"crossed": {"leadScore": {"above": 80}}},
        NOW,
        UNKNOWN,
        "crossed leadScore above 80 (no earlier state known)",
    ),
    "created: an empty field": ({"changed": ["title"]}, {**NOW, **NEW, "title": ""}, UNKNOWN, None),
    "created: from a value": ({"changed": {"leadStatus": {"from": "open"}}}, {**NOW, **NEW}, UNKNOWN, None),
    "created: not beyond": ({"crossed": {"leadScore": {"above": 85}}}, {**NOW, **NEW}, UNKNOWN, None),
    "within any": (
        {"any": [{"changed": ["firstName"]}, {"state": "CA"}]},
        NOW,
        BEFORE,
        "any of: changed [firstName] (it did not change); state is CA (was empty)",
    ),
    "within none": (
        {"none": [{"crossed": {"leadScore": {"above": 80}}}]},
        NOW,
        BEFORE,
        "none of: crossed leadScore above 80 (it held)",
    ),
}


def failure(match, fields, snapshot):
    conditions, _ = read_match(match, ())
    change = compare(Lead(key=LeadKey("1"), fields=fields), snapshot)
    case = a_case(change)
    for condition in conditions:
        assert condition.judge(case).held is condition.holds(case)
    return next((condition.judge(case).reason for condition in conditions if not condition.holds(case)), None)


@pytest.mark.parametrize(("match", "fields", "snapshot", "reason"), FAILS.values(), ids=FAILS.keys())
def test_a_change_that_did_not_happen_is_told(match, fields, snapshot, reason):
    failed = failure(match, fields, snapshot)

    assert failed is not None
    assert reason in (None, failed)


@pytest.mark.parametrize(
    ("event", "events"),
    [
        ("created", {LeadEvent.CREATED}),
        (["created", "updated"], {LeadEvent.CREATED, LeadEvent.UPDATED}),
        (["unchanged"], {LeadEvent.UNCHANGED}),
        (["stale", "stale"], {LeadEvent.STALE}),
    ],
)
def test_the_events_of_a_route_are_read_apart_from_its_conditions(event, events):
    assert read_match({"event": event}, ()) == ((), events)


def test_a_route_that_names_no_event_says_nothing_of_events():
    assert read_match({}, ()) == ((), None)
