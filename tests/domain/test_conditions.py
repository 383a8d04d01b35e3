"""Why a lead does not pass, in words; whether it does is told by the tables of docs/routing.md."""

import pytest

from hookrouter.domain.change import compare
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead
from hookrouter.testing.builders import a_case
from hookrouter.wire.rules.language import read_match

ADA = {
    "id": "718281920514",
    "emailAddress": "Ada.Brown@Example.com",
    "firstName": "Ada",
    "companyName": "",
    "title": None,
    "leadStatus": "qualified",
    "leadScore": "80",
    "state": "CA",
    "zipcode": "02134",
    "website": "https://www.example.org/a?b=1",
    "phoneNumber": "+4930123",
    "isQualified": "1",
    "isUnsubscribed": "0",
    "optedIn": True,
    "optedOut": False,
    "visits": 12,
    "weight": 2.5,
    "account": 9007199254740993,
    "accountText": "9007199254740993",
    "accountEven": 9007199254740992,
    "interests": "Rugs,Wall Hangings,Yarn",
    "tags": ["vip", "Trade Fair", 7],
    "address": {"city": "Oakland", "geo": {"lat": 37.8}},
    "a.b": "dotted",
    "createTimestamp": "2026-03-02 09:01:45",
    "updateTimestamp": "2026-03-04 15:20:11",
    "neverTime": "0000-00-00 00:00:00",
    "zoned": "2026-03-04T10:00:00-05:00",
}

FAILING = {
    "another text": ({"firstName": "Ben"}, "firstName is Ben (was Ada)"),
    "text in another case": ({"firstName": "ada"}, "firstName is ada (was Ada)"),
    "a number for text with a leading zero": ({"zipcode": 2134}, "zipcode is 2134 (was 02134)"),
    "text with another zero": ({"zipcode": "2134"}, "zipcode is 2134 (was 02134)"),
    "a number for a phone": ({"phoneNumber": 4930123}, "phoneNumber is 4930123 (was +4930123)"),
    "a neighbouring long id": ({"account": 9007199254740992}, None),
    "a neighbouring long id above": ({"account": 9007199254740994}, None),
    "a long id for its neighbour": ({"accountEven": 9007199254740993}, None),
    "a neighbouring long id in text": ({"accountText": 9007199254740992}, None),
    "a long id's text for its neighbour": ({"account": "9007199254740992"}, None),
    "text for text with .0": ({"leadScore": "80.0"}, "leadScore is 80.0 (was 80)"),
    "true for a number": ({"visits": True}, "visits is 1 (was 12)"),
    "false for a missing field": ({"persona": False}, "persona is 0 (was empty)"),
    "0 for an empty field": ({"companyName": 0}, "companyName is 0 (was empty)"),
    "a missing field": ({"persona": "x"}, "persona is x (was empty)"),
    "a field in another case": ({"firstname": "Ada"}, "firstname is Ada (was empty)"),
    "text for a map": ({"address": "Oakland"}, None),
    "text for a list": ({"tags": "vip"}, None),
    "a path into text": ({"firstName.x": "Ada"}, "firstName.x is Ada (was empty)"),
    "a path to nothing": ({"address.street": "x"}, "address.street is x (was empty)"),
    "a list": ({"state": ["TX", "WA"]}, "state in [TX, WA] (was CA)"),
    "a list on a missing field": ({"country": ["Canada"]}, "country in [Canada] (was empty)"),
    "a list of operators": (
        {"leadScore": [{"lt": 10}, {"gt": 80}]},
        "leadScore (lt 10 or gt 80) (was 80)",
    ),
    "the second of two fields": ({"firstName": "Ada", "leadScore": 81}, "leadScore is 81 (was 80)"),
    "in": ({"state": {"in": ["TX"]}}, "state in [TX] (was CA)"),
    "not": ({"firstName": {"not": "Ada"}}, "firstName not is Ada (was Ada)"),
    "not of a list": ({"firstName": {"not": ["Ada", "Ben"]}}, "firstName not in [Ada, Ben] (was Ada)"),
    "not of an operator": (
        {"emailAddress": {"not": {"suffix": "@example.com"}}},
        "emailAddress not suffix @example.com (was Ada.Brown@Example.com)",
    ),
    "not of two operators": (
        {"leadScore": {"not": {"gte": 80, "lte": 80}}},
        "leadScore not (gte 80 and lte 80) (was 80)",
    ),
    "gt on the limit": ({"leadScore": {"gt": 80}}, "leadScore gt 80 (was 80)"),
    "gte": ({"leadScore": {"gte": 80.5}}, "leadScore gte 80.5 (was 80)"),
    "lt on the limit": ({"leadScore": {"lt": 80}}, "leadScore lt 80 (was 80)"),
    "lte": ({"leadScore": {"lte": 79}}, "leadScore lte 79 (was 80)"),
    "gt on text": ({"firstName": {"gt": 0}}, "firstName gt 0 (was Ada)"),
    "lt on text": ({"firstName": {"lt": 0}}, "firstName lt 0 (was Ada)"),
    "lt on an empty field": ({"companyName": {"lt": 5}}, "companyName lt 5 (was empty)"),
    "lt on a null": ({"title": {"lt": 5}}, "title lt 5 (was empty)"),
    "gte on a missing field": ({"persona": {"gte": 0}}, "persona gte 0 (was empty)"),
    "gt on a list": ({"tags": {"gt": 0}}, None),
    "the second of two operators": ({"leadScore": {"gte": 80, "lt": 80}}, "leadScore lt 80 (was 80)"),
    "between, below": ({"leadScore": {"between": [81, 90]}}, "leadScore between [81, 90] (was 80)"),
    "between, above": ({"leadScore": {"between": [60, 79]}}, "leadScore between [60, 79] (was 80)"),
    "between on text": ({"firstName": {"between": [0, 9]}}, "firstName between [0, 9] (was Ada)"),
    "prefix": ({"firstName": {"prefix": "B"}}, "firstName prefix B (was Ada)"),
    "prefix in another case": ({"firstName": {"prefix": "a"}}, "firstName prefix a (was Ada)"),
    "prefix on an empty field": ({"companyName": {"prefix": "A"}}, "companyName prefix A (was empty)"),
    "prefix, none of": ({"firstName": {"prefix": ["B", "C"]}}, "firstName prefix [B, C] (was Ada)"),
    "prefix on a list": ({"tags": {"prefix": "["}}, None),
    "suffix": ({"firstName": {"suffix": "x"}}, "firstName suffix x (was Ada)"),
    "suffix on a missing field": ({"persona": {"suffix": "x"}}, "persona suffix x (was empty)"),
    "contains": ({"interests": {"contains": "Lamps"}}, None),
    "contains a part of a member": ({"tags": {"contains": "vi"}}, None),
    "contains on a missing field": ({"persona": {"contains": "x"}}, "persona contains x (was empty)"),
    "like": ({"firstName": {"like": "B*"}}, "firstName like B* (was Ada)"),
    "like covers the whole": ({"firstName": {"like": "Ad"}}, "firstName like Ad (was Ada)"),
    "like needs its characters": ({"firstName": {"like": "Ada?"}}, "firstName like Ada? (was Ada)"),
    "like does not use a character twice": ({"firstName": {"like": "Ada*a"}}, "firstName like Ada*a (was Ada)"),
    "like in the wrong order": ({"interests": {"like": "*Yarn*Rugs*"}}, None),
    "like a star on an empty field": ({"companyName": {"like": "*"}}, "companyName like * (was empty)"),
    "exists of an empty text": ({"companyName": {"exists": True}}, "companyName exists (was empty)"),
    "exists of a null": ({"title": {"exists": True}}, "title exists (was empty)"),
    "exists of a missing field": ({"persona": {"exists": True}}, "persona exists (was empty)"),
    "exists false": ({"firstName": {"exists": False}}, "firstName empty (was Ada)"),
    "empty": ({"firstName": {"empty": True}}, "firstName empty (was Ada)"),
    "empty of false": ({"optedOut": {"empty": True}}, "optedOut empty (was 0)"),
    "before": (
        {"createTimestamp": {"before": "2026-03-02"}},
        "createTimestamp before 2026-03-02 00:00:00 UTC (was 2026-03-02 09:01:45)",
    ),
    "before the very moment": ({"createTimestamp": {"before": "2026-03-02 09:01:45"}}, None),
    "after the very moment": ({"createTimestamp": {"after": "2026-03-02 09:01:45"}}, None),
    "before of the zero date": ({"neverTime": {"before": "2030-01-01"}}, None),
    "after of text": ({"firstName": {"after": "2020-01-01"}}, None),
    "before of a missing field": ({"lastSeen": {"before": "2030-01-01"}}, None),
    "ignore_case off": ({"state": {"in": ["ca"], "ignore_case": False}}, "state in [ca] (was CA)"),
    "has of a part": ({"interests": {"has": "Wall"}}, "interests has Wall (was Rugs,Wall Hangings,Yarn)"),
    "has of nothing": ({"companyName": {"has": "x"}}, "companyName has x (was empty)"),
    "regex": ({"state": {"regex": "^T"}}, "state regex ^T (was CA)"),
    "regex of nothing": ({"companyName": {"regex": ".*"}}, "companyName regex .* (was empty)"),
    "regex of a list": ({"tags": {"regex": "vip"}}, None),
    "within": (
        {"createTimestamp": {"within": "2d"}},
        "createTimestamp within 2d (was 2026-03-02 09:01:45)",
    ),
    "within of the zero date": ({"neverTime": {"within": "3000d"}}, None),
    "within of a missing field": ({"lastSeen": {"within": "3d"}}, "lastSeen within 3d (was empty)"),
    "not above fields": ({"not": {"state": "CA"}}, "none of: state is CA (it held)"),
    "all": ({"all": [{"firstName": "Ada"}, {"leadScore": 1}]}, "leadScore is 1 (was 80)"),
    "any": (
        {"any": [{"state": ["TX", "WA"]}, {"country": {"in": ["Canada"]}}]},
        "any of: state in [TX, WA] (was CA); country in [Canada] (was empty)",
    ),
    "any with a group": ({"any": [{"firstName": "Ada", "leadScore": 1}]}, "any of: leadScore is 1 (was 80)"),
    "none": ({"none": [{"firstName": "Ben"}, {"state": "CA"}]}, "none of: state is CA (it held)"),
    "none of a group": (
        {"none": [{"firstName": "Ada", "state": "CA"}]},
        "none of: firstName is Ada and state is CA (it held)",
    ),
    "none in any": ({"any": [{"none": [{"state": "CA"}]}]}, "any of: none of: state is CA (it held)"),
    "any in none": ({"none": [{"any": [{"state": "CA"}]}]}, "none of: any of: state is CA (it held)"),
    "an event within": ({"any": [{"event": "created"}]}, "any of: event created (was updated)"),
    "a list of groups": ([{"state": "TX"}, {"state": "WA"}], "any of: state is TX (was CA); state is WA (was CA)"),
}


def failure(match, fields, snapshot=None):
    conditions, _ = read_match(match, ())
    change = compare(Lead(key=LeadKey("718281920514"), fields=fields), snapshot)
    case = a_case(change)
    for condition in conditions:
        assert condition.judge(case).held is condition.holds(case)
    return next((condition.judge(case).reason for condition in conditions if not condition.holds(case)), None)


@pytest.mark.parametrize(("match", "reason"), FAILING.values(), ids=FAILING.keys())
def test_a_lead_that_does_not_is_told_how_it_was(match, reason):
    failed = failure(match, ADA)

    assert failed is not None
    assert reason in (None, failed)


def test_a_reason_shows_a_long_text_cut_and_on_one_line():
    failed = failure({"description": "x"}, {"id": "1", "description": "first line\n" + "y" * 9_000})

    assert failed == "description is x (was first line " + "y" * 48 + "…)"
