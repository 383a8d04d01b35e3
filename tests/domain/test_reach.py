"""Routes that no lead takes: what is said of them is right, whatever is asked and whatever a lead has."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_condition_laws import changes, groups, leads, plain, tests

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.ids import LeadKey, RouteName, SourceName
from hookrouter.domain.lead import Lead
from hookrouter.domain.once import Once
from hookrouter.domain.reach.routes import Stoppers, takes_all_of, why_impossible
from hookrouter.domain.reach.values import exclude_each_other
from hookrouter.domain.routing import HistoryMatch, Route, RouteTable
from hookrouter.testing.builders import a_case
from hookrouter.wire.rules.history import read_match_timeline
from hookrouter.wire.rules.language import read_match
from hookrouter.wire.rules.operators import read_field_test
from hookrouter.wire.rules.values import Place

TEXTS = [
    *("CA", "ca", "Ca", "A", "a", "A,CA", "ada", "Ada", "ADA", "open", "OPEN", "é", "É", "a*a", "AXA", "ß", "ss"),
    *("80", "80.0", "80.00", "080", "+80", " 80", "8e1", "8E1", "1", "0", "-0", "1.0", "-2", "50", "99.5", "true"),
    *(
        "True",
        "TRUE",
        "tRUE",
        "false",
        "FALSE",
        "inf",
        "nan",
        "1e400",
        "1152921504606846976",
        "20260304",
        "\uff18\uff10",
    ),
    *(
        "2026-03-04 15:20:11",
        "2026-03-01 00:00:00",
        "2027-01-01 00:00:00",
        "2026-03-04t15:20:11",
        "0000-00-00 00:00:00",
    ),
]
VALUES = [
    *(
        *TEXTS,
        "",
        " ",
        None,
        [],
        {},
        True,
        False,
        0,
        1,
        -1,
        80,
        80.0,
        79.5,
        50,
        99,
        100,
        -2,
        0.5,
        -0.0,
        2**60,
        1e300,
        1e-7,
    ),
    *(["CA"], ["A", "CA"], [""], [1], ["80"], {"a": 1}, [[]], [None]),
]
fields = st.sampled_from(["firstName", "state"])  # compared by capitals, too, and not
scalars = plain | st.sampled_from(TEXTS).filter(str.strip) | st.sampled_from([1e-7, 1e300, 2**60, -0.0])
by_case = st.builds(
    lambda word, wanted, blind: {word: wanted, "ignore_case": blind},
    st.sampled_from(["in", "not", "in", "prefix", "like", "has"]),
    st.lists(scalars.filter(lambda one: not isinstance(one, bool)), min_size=1, max_size=3),
    st.booleans(),
)
asked_of_one = tests | by_case | scalars | st.lists(scalars, min_size=1, max_size=3)
matches = st.lists(groups | changes, min_size=1, max_size=3)


def route(match, *, name="one", events=frozenset(LeadEvent), **more):
    conditions, named = read_match(match, ())
    return Route(name=RouteName(name), conditions=conditions, to=(), events=named or events, **more)


def read(field, test):
    return read_field_test(field, test, Place(path=()))


def cases(lead, snapshots):
    return [a_case(compare(Lead(key=LeadKey("1"), fields=lead), snapshot)) for snapshot in (None, {}, *snapshots)]


@given(fields, st.lists(asked_of_one, min_size=1, max_size=3))
def test_of_tests_that_exclude_each_other_no_value_passes_all(field, asked):
    together = [read(field, test) for test in asked]

    passing = [value for value in VALUES if all(test.holds(value) for test in together)]

    assert not (exclude_each_other(together) and passing)


@given(matches, st.lists(leads, min_size=1, max_size=4), st.lists(leads, max_size=2))
def test_a_route_that_can_never_match_matches_no_lead(parts, some_leads, snapshots):
    impossible = route({"all": parts})
    table = RouteTable((impossible,))

    taken = [case for lead in some_leads for case in cases(lead, snapshots) if table.matching(case)]

    assert not (why_impossible(impossible) and taken)


@given(matches, matches, st.lists(leads, min_size=1, max_size=4), st.lists(leads, max_size=2))
def test_a_route_that_takes_all_of_another_takes_each_of_its_leads(some, others, some_leads, snapshots):
    earlier, later = route({"all": some}), route({"all": [*others, *some[:1]]}, name="two")
    first, second = RouteTable((earlier,)), RouteTable((later,))

    missed = [
        case
        for lead in some_leads
        for case in cases(lead, snapshots)
        if second.matching(case) and not first.matching(case)
    ]

    assert not (takes_all_of(earlier, later) and missed)


@pytest.mark.parametrize(
    ("match", "labels"),
    [
        ({"all": [{"leadScore": {"gte": 80}}, {"leadScore": {"lt": 60}}]}, ["leadScore gte 80", "leadScore lt 60"]),
        ({"leadScore": {"gt": 80, "lt": 80}}, ["leadScore gt 80", "leadScore lt 80"]),
        ({"leadScore": {"between": [1, 5], "not": {"lt": 10}}}, ["leadScore between [1, 5]", "leadScore not lt 10"]),
        ({"state": {"in": ["CA", "WA"], "not": ["wa", "ca"]}}, ["state in [CA, WA]", "state not in [wa, ca]"]),
        ({"all": [{"state": "NY"}, {"state": ["CA", "WA"]}]}, ["state is NY", "state in [CA, WA]"]),
        ({"all": [{"leadScore": 80}, {"leadScore": "79.0"}]}, ["leadScore is 80", "leadScore is 79.0"]),
        ({"all": [{"leadScore": [50, 60]}, {"leadScore": {"gte": 80}}]}, ["leadScore in [50, 60]", "leadScore gte 80"]),
        ({"firstName": {"in": ["Ada", "Ben"], "prefix": "C"}}, ["firstName in [Ada, Ben]", "firstName prefix C"]),
        ({"state": {"in": ["CA"], "prefix": "n"}}, ["state in [CA]", "state prefix n"]),
        ({"companyName": {"exists": True, "empty": True}}, ["companyName exists", "companyName empty"]),
        ({"companyName": {"like": "*", "exists": False}}, ["companyName like *", "companyName empty"]),
        ({"createTimestamp": {"after": "2026-02-01", "before": "2026-01-01"}}, None),
        ({"createTimestamp": {"within": "3d", "empty": True}}, ["createTimestamp within 3d", "createTimestamp empty"]),
        ({"crossed": {"leadScore": {"above": 80}}, "leadScore": {"lte": 80}}, None),
        ({"changed": {"state": {"to": "CA"}}, "state": ["NY", "WA"]}, ["changed state to CA", "state in [NY, WA]"]),
        ({"event": "unchanged", "changed": ["state"]}, []),
        ({"event": ["created", "stale"], "not": {"event": ["created", "stale"]}}, []),
        ({"state": "CA", "not": {"state": "ca"}}, ["state is CA", "state not is ca"]),
        ({"state": "CA", "none": [{"any": [{"state": ["NY", "CA"]}]}]}, None),
        ({"state": "CA", "any": [{"state": "NY"}, {"state": "WA", "leadScore": 1}]}, None),
        ({"any": [{"leadScore": {"gt": 9, "lt": 3}}]}, ["leadScore gt 9", "leadScore lt 3"]),
        ({"leadScore": {"gte": 5, "not": [{"gte": 3}]}}, None),
    ],
)
def test_what_can_never_match(match, labels):
    reason = why_impossible(route(match))

    assert reason is not None
    assert labels is None or list(reason.labels) == labels


@pytest.mark.parametrize(
    "match",
    [
        {"leadScore": {"gte": 80, "lte": 80}},
        {"all": [{"leadScore": 80}, {"leadScore": "80.0"}]},
        {"state": {"not": "CA", "in": ["CA", "WA"]}},
        {"all": [{"isQualified": True}, {"isQualified": 1}]},
        {"all": [{"firstName": {"in": ["ada"], "ignore_case": True}}, {"firstName": {"not": "ada"}}]},
        {"state": "CA", "any": [{"state": "NY"}, {"leadScore": 1}]},
        {"all": [{"leadScore": "1e-07"}, {"leadScore": 1e-07}]},
        {"leadScore": {"in": [80], "not": "80"}},
        {"changed": {"state": {"from": "CA", "to": "CA"}}},
        {"crossed": {"leadScore": {"above": 80}}, "leadScore": {"lte": 81}},
        {"companyName": {"not": {"exists": True}}, "state": {"empty": True}},
        {"tags": {"has": ["a"], "not": {"has": ["b"]}}},
        {"firstName": {"regex": "^a", "not": {"regex": "^A"}, "exists": True}},
    ],
)
def test_what_might_match(match):
    assert why_impossible(route(match)) is None


def test_a_history_that_cannot_be():
    asked = read_match_timeline({"formSubmit": {"count": {"gte": 3, "lt": 2}}}, ())
    negative = read_match_timeline({"formSubmit": {"count": {"lt": 0}}}, ())
    apart = read_match_timeline([{"formSubmit": {"count": 1}}, {"formSubmit": {"count": 2, "within": "1d"}}], ())

    assert why_impossible(route({}, match_timeline=asked)) is not None
    assert why_impossible(route({}, match_timeline=negative)) is not None
    assert why_impossible(route({}, match_timeline=apart)) is None


@pytest.mark.parametrize(
    ("earlier", "later", "takes_all"),
    [
        ({}, {"state": "CA"}, True),
        ({"state": "CA"}, {"state": "ca", "leadScore": 5}, True),
        ({"state": ["CA", "WA"]}, {"state": "WA"}, True),
        ({"state": ["CA", "WA"]}, {"any": [{"state": "WA"}, {"state": "CA", "city": "Napa"}]}, True),
        ({"any": [{"state": "WA"}, {"country": "Canada"}]}, {"any": [{"country": "Canada"}, {"state": "WA"}]}, True),
        ({"leadScore": {"gte": 60}}, {"leadScore": {"gt": 80}}, True),
        ({"leadScore": {"gte": 60}}, {"crossed": {"leadScore": {"above": 80}}}, True),
        ({"leadScore": {"exists": True}}, {"leadScore": {"between": [1, 2]}}, True),
        ({"state": {"not": "NY"}}, {"state": "CA"}, True),
        ({"changed": ["state", "city"]}, {"changed": "city", "leadScore": 1}, True),
        ({"emailAddress": {"suffix": ["@a", "@b"]}}, {"emailAddress": {"suffix": ["@a", "@b"]}, "state": "CA"}, True),
        ({"state": "CA", "leadScore": 1}, {"state": "CA"}, False),
        ({"state": "CA"}, {"state": ["CA", "WA"]}, False),
        ({"firstName": "ada"}, {"firstName": {"in": ["ada"], "ignore_case": True}}, False),
        ({"crossed": {"leadScore": {"above": 80}}}, {"crossed": {"leadScore": {"above": 90}}}, False),
        ({"event": "created"}, {"state": "CA"}, False),
    ],
)
def test_a_route_below_one_that_takes_all_its_leads_and_stops(earlier, later, takes_all):
    first = route(earlier, name="first", stop=True)
    stoppers = Stoppers()
    for each in (route({"city": "Ulm"}, name="other", stop=True), first):
        stoppers.add(each)

    assert takes_all_of(first, route(later)) is takes_all
    assert stoppers.before(route(later)) == (first if takes_all else None)


def test_a_route_that_depends_on_more_than_its_conditions_takes_not_surely_all():
    history = HistoryMatch(conditions=())
    crm, forms = SourceName("crm"), SourceName("forms")

    assert not takes_all_of(route({}, match_timeline=history), route({}))
    assert not takes_all_of(route({}, sources={crm}), route({}))
    assert not takes_all_of(route({}, sources={crm}), route({}, sources={forms}))
    assert takes_all_of(route({}, sources={crm}), route({}, sources={crm}))
    assert takes_all_of(route({}, sources={crm, forms}), route({}, sources={crm}))
    assert not takes_all_of(route({}, sources={crm}), route({}, sources={crm, forms}))
    assert takes_all_of(route({}), route({"state": "CA"}, match_timeline=history))
    once = Once(every=timedelta(days=1), label="once")
    assert takes_all_of(route({}, once=once), route({}))
