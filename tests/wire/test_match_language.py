"""What is wrong in a route's `match`, all at once and each with its place."""

import pytest

from hookrouter.domain.change import LeadEvent
from hookrouter.wire.config.faults import Fault, Faults
from hookrouter.wire.rules.language import read_match

AT = ("routes", 0, "match")


def nested(levels):
    match = {"state": "CA"}
    for _ in range(levels):
        match = {"any": [match]}
    return match


def faults_of(match):
    with pytest.raises(Faults) as caught:
        read_match(match, AT)
    return caught.value.faults


KEYS = {
    "a merge": ({"<<": {"state": "CA"}}, ("<<",), "`<<` merges nothing here"),
    "an operator for a limit": (
        {"crossed": {"leadScore": {"gte": 80}}},
        ("crossed", "leadScore", "gte"),
        "`gte` is not known here, above and below are (did you mean above?)",
    ),
    "a near word": ({"state": {"prefx": "C"}}, ("state", "prefx"), "(did you mean prefix?)"),
    "an unknown word": ({"state": {"sounds": "C"}}, ("state", "sounds"), "unknown operator `sounds`"),
    "a dollar": ({"leadScore": {"$gte": 80}}, ("leadScore", "$gte"), "`$gte` is called `gte` here"),
    "a dollar before in": ({"state": {"$in": ["CA"]}}, ("state", "$in"), "`$in` is called `in` here"),
    "a dollar before ne": ({"state": {"$ne": "CA"}}, ("state", "$ne"), "`$ne` is called `not` here"),
    "anything-but": ({"state": {"anything-but": "CA"}}, ("state", "anything-but"), "is called `not` here"),
    "eq": ({"state": {"eq": "CA"}}, ("state", "eq"), "give the plain value"),
    "wildcard": ({"state": {"wildcard": "C*"}}, ("state", "wildcard"), "is called `like` here"),
    "within in a field's not": (
        {"createTimestamp": {"not": {"within": "3d"}}},
        ("createTimestamp", "not", "within"),
        "stands right below its field",
    ),
    "any in a field": ({"state": {"any": ["CA"]}}, ("state", "any"), "stands above fields"),
    "or": ({"or": [{"state": "CA"}]}, ("or",), "`or` is called `any` here"),
    "a dollar before any": ({"$any": [{"state": "CA"}]}, ("$any",), "`$any` is called `any` here"),
    "a dollar before not": ({"$not": {"state": "CA"}}, ("$not",), "`$not` is called `not` here"),
    "an operator above fields": ({"gte": 80}, ("gte",), "name the field first"),
    "a field without a name": ({"": 80}, ("",), "a field's name is needed"),
    "a path with a hole": ({"a..b": 80}, ("a..b",), "a field's name is needed"),
    "crosed": ({"crosed": {"leadScore": {"above": 80}}}, ("crosed",), "(did you mean crossed?)"),
    "chnaged": ({"chnaged": {"state": {"to": "CA"}}}, ("chnaged",), "(did you mean changed?)"),
    "from and form": ({"changed": {"state": {"form": "CA"}}}, ("changed", "state", "form"), "(did you mean from?)"),
    "over": ({"crossed": {"leadScore": {"over": 80}}}, ("crossed", "leadScore", "over"), "above and below are"),
}

VALUES = {
    "no map": (80, (), "conditions are needed"),
    "a question in a text": (
        "leadScore > 80",
        (),
        "a condition is needed, as in {state: CA}, or the name of one; a text is taken for a name",
    ),
    "a name of nothing": ("open", (), "there is no condition `open`"),
    "null": (None, (), "without `match` every lead matches"),
    "a null value": ({"state": None}, ("state",), "write {empty: true}"),
    "an empty value": ({"state": ""}, ("state",), "write {empty: true}"),
    "an empty list": ({"state": []}, ("state",), "an empty list matches nothing"),
    "a bad regex": ({"state": {"regex": "(C"}}, ("state", "regex"), "no regular expression that re2 reads"),
    "a backreference": ({"state": {"regex": r"(C)\1"}}, ("state", "regex"), "no regular expression that re2 reads"),
    "within without a unit": ({"createTimestamp": {"within": 3}}, ("createTimestamp", "within"), "is no duration"),
    "not of a list": ({"not": [{"state": "CA"}]}, ("not",), "`none` takes a list"),
    "an empty map": ({"state": {}}, ("state",), "an operator is needed"),
    "ignore_case alone": ({"state": {"ignore_case": True}}, ("state",), "an operator is needed"),
    "ignore_case with text": ({"state": {"in": ["a"], "ignore_case": "y"}}, ("state", "ignore_case"), "true or false"),
    "an empty in": ({"state": {"in": []}}, ("state", "in"), "an empty list matches nothing"),
    "a map in in": ({"state": {"in": [{"prefix": "C"}]}}, ("state", "in", 0), "a plain value is needed"),
    "a null in a list": ({"state": ["CA", None]}, ("state", 1), "write {empty: true}"),
    "infinity": ({"leadScore": float("inf")}, ("leadScore",), "a finite number is needed"),
    "text for a number": ({"leadScore": {"gte": "abc"}}, ("leadScore", "gte"), "a number is needed"),
    "a list for a number": ({"leadScore": {"gte": [1]}}, ("leadScore", "gte"), "a number is needed"),
    "true for a number": ({"leadScore": {"lt": True}}, ("leadScore", "lt"), "a number is needed"),
    "a time for a number": ({"createTimestamp": {"gt": "2026-03-04"}}, ("createTimestamp", "gt"), "before and after"),
    "one number": ({"leadScore": {"between": [1]}}, ("leadScore", "between"), "two numbers are needed"),
    "a wrong number": ({"leadScore": {"between": [1, "x"]}}, ("leadScore", "between", 1), "a number is needed"),
    "numbers in reverse": (
        {"leadScore": {"between": [9, 1]}},
        ("leadScore", "between"),
        "the lower number comes first",
    ),
    "true for text": ({"state": {"prefix": True}}, ("state", "prefix"), "text is needed"),
    "empty text": ({"state": {"contains": ""}}, ("state", "contains"), "text is needed"),
    "no text": ({"state": {"like": []}}, ("state", "like"), "an empty list matches nothing"),
    "text for a truth": ({"state": {"exists": "yes"}}, ("state", "exists"), "true or false is needed"),
    "no time": ({"createTimestamp": {"before": "soon"}}, ("createTimestamp", "before"), "a time is needed"),
    "a number for a time": ({"createTimestamp": {"after": 2026}}, ("createTimestamp", "after"), "a time is needed"),
    "a fault in not": ({"state": {"not": {"in": []}}}, ("state", "not", "in"), "an empty list matches nothing"),
    "a map for any": ({"any": {"state": "CA"}}, ("any",), "a list of conditions is needed"),
    "an empty any": ({"any": []}, ("any",), "an empty list matches nothing"),
    "an empty group": ({"none": [{}]}, ("none", 0), "a condition is needed"),
    "text for a group": ({"all": ["CA"]}, ("all", 0), "there is no condition `CA`"),
    "an unknown event": ({"event": "create"}, ("event",), "(did you mean created?)"),
    "an unknown event in a list": ({"event": ["created", 1]}, ("event", 1), "no such event"),
    "no event": ({"event": []}, ("event",), "an empty list matches nothing"),
    "an event that the route does not take": (
        {"any": [{"event": "stale"}]},
        ("any", 0, "event"),
        "takes no stale lead",
    ),
    "changed, no field": ({"changed": []}, ("changed",), "names no field"),
    "changed, no field in a map": ({"changed": {}}, ("changed",), "names no field"),
    "changed, true": ({"changed": True}, ("changed",), "a field's name is needed"),
    "changed, a number in a list": ({"changed": ["state", 1]}, ("changed", 1), "a field's name is needed"),
    "changed, no from or to": ({"changed": {"state": {}}}, ("changed", "state"), "from what to what"),
    "changed, from null": ({"changed": {"state": {"from": None}}}, ("changed", "state", "from"), "{empty: true}"),
    "crossed, a list": ({"crossed": ["leadScore"]}, ("crossed",), "a field with its limit"),
    "crossed, no field": ({"crossed": {}}, ("crossed",), "names no field"),
    "crossed, a number": ({"crossed": {"leadScore": 80}}, ("crossed", "leadScore"), "a limit is needed"),
    "crossed, text": ({"crossed": {"leadScore": {"above": "x"}}}, ("crossed", "leadScore", "above"), "a number"),
    "crossed both ways": ({"crossed": {"leadScore": {"above": 8, "below": 2}}}, ("crossed", "leadScore"), "one limit"),
    "too deep": (nested(21), ("any", 0) * 20 + ("any",), "more than 20 levels deep"),
}


@pytest.mark.parametrize(("match", "path", "message"), KEYS.values(), ids=KEYS.keys())
def test_a_wrong_key_is_named_with_the_right_one(match, path, message):
    (fault,) = faults_of(match)

    assert (fault.path, fault.at_key) == ((*AT, *path), True)
    assert message in fault.message


@pytest.mark.parametrize(("match", "path", "message"), VALUES.values(), ids=VALUES.keys())
def test_a_wrong_value_is_told_what_is_needed(match, path, message):
    (fault,) = faults_of(match)

    assert (fault.path, fault.at_key) == ((*AT, *path), False)
    assert message in fault.message


def test_all_faults_are_told_at_once():
    match = {
        "event": "new",
        "state": {"prefx": "C", "in": [], "ignore_case": 1},
        "any": [{"leadScore": {"gte": "abc"}}, {"title": [None, "x", {"regex": "("}]}],
        "changed": [1, "state", 2],
    }

    assert [fault.path[len(AT) :] for fault in faults_of(match)] == [
        ("event",),
        ("state", "ignore_case"),
        ("state", "prefx"),
        ("state", "in"),
        ("any", 0, "leadScore", "gte"),
        ("any", 1, "title", 0),
        ("any", 1, "title", 2, "regex"),
        ("changed", 0),
        ("changed", 2),
    ]


def test_a_condition_may_name_an_event_that_the_route_takes():
    conditions, events = read_match({"event": ["stale", "updated"], "any": [{"event": "stale"}]}, AT)

    assert [condition.label for condition in conditions] == ["any of: event stale"]
    assert events == {LeadEvent.STALE, LeadEvent.UPDATED}


def test_twenty_levels_are_read():
    conditions, _ = read_match(nested(20), AT)

    assert len(conditions) == 1


def test_a_fault_is_one_line():
    assert faults_of({"state": {"$gte": 1}}) == (
        Fault(path=(*AT, "state", "$gte"), message="`$gte` is called `gte` here", at_key=True),
    )
