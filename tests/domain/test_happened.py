"""What a route asks of a lead's history, and what can be decided before anybody knows it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.ids import RouteName
from hookrouter.domain.routing import Route, RouteTable
from hookrouter.testing.builders import RECEIVED_AT, a_case, a_change, a_lead
from hookrouter.wire.rules.history import read_match_timeline
from hookrouter.wire.rules.language import read_match


def event(source, ago=timedelta(), **more):
    return {"eventSource": source, "createTimestamp": f"{RECEIVED_AT - ago:%Y-%m-%d %H:%M:%S}", **more}


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FORM, VISIT = "formSubmit", "pageVisit"
# Grouped by source and in no sure order, as the CRM tells it (crm-api 5.2).
HISTORY = [
    event(FORM, 40 * DAY),
    event(FORM, 2 * MINUTE),
    event(FORM, 3 * DAY),
    event(VISIT, 1 * MINUTE),
    event(VISIT, 1 * MINUTE),
    event(VISIT, 2 * DAY),
]

ROWS = [
    ("at least one, unless said otherwise", {FORM: {"within": "1h"}}, True),
    ("at least three", {FORM: {"count": {"gte": 3}}}, True),
    ("more than three", {FORM: {"count": {"gt": 3}}}, False),
    ("exactly three, as a plain value", {FORM: {"count": 3}}, True),
    ("exactly two", {FORM: {"count": 2}}, False),
    ("any of these numbers", {FORM: {"count": [2, 3]}}, True),
    ("not three", {FORM: {"count": {"not": 3}}}, False),
    ("between two numbers", {FORM: {"count": {"between": [2, 3]}}}, True),
    ("two within 30 days", {FORM: {"count": 2, "within": "30d"}}, True),
    ("one within an hour", {FORM: {"count": {"gte": 1, "lt": 2}, "within": "1h"}}, True),
    ("none within a minute", {FORM: {"count": 0, "within": "1m"}}, True),
    ("none ever, of what never happened", {"emailUnsubscribe": {"count": {"lte": 0}}}, True),
    ("at least one of what never happened", {"emailUnsubscribe": {"count": {"gte": 1}}}, False),
    ("what stands there twice happened twice", {VISIT: {"count": 2, "within": "1h"}}, True),
    ("a form among the last two of all events", {FORM: {"last": 2}}, False),
    ("a form among the last three of all events", {FORM: {"last": 3}}, True),
    ("all that there is, if it is less than asked for", {FORM: {"last": 100, "count": 3}}, True),
    ("two limits at once", {FORM: {"last": 5, "within": "1h", "count": 1}}, True),
    ("a map means all of", {FORM: {"count": 3}, VISIT: {"count": 3}}, True),
    ("a map whose second part fails", {FORM: {"count": 3}, VISIT: {"count": 9}}, False),
    ("a list means any of", [{FORM: {"count": 9}}, {VISIT: {"count": 3}}], True),
    ("a list of which none holds", [{FORM: {"count": 9}}, {FORM: {"count": 3}, VISIT: {"count": 9}}], False),
]


def conditions(match):
    return read_match_timeline(match, ()).conditions


@pytest.mark.parametrize(("match", "verdict"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_history_is_counted(match, verdict):
    case = a_case(timeline=HISTORY)

    assert all(condition.holds(case) for condition in conditions(match)) is verdict
    assert all(condition.judge(case).held for condition in conditions(match)) is verdict


@pytest.mark.parametrize("match", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_without_a_history_nothing_holds(match):
    for condition in conditions(match):
        assert not condition.holds(a_case(timeline=None))
        assert "the lead's history is not known" in condition.judge(a_case(timeline=None)).reason


def test_what_happened_after_the_push_does_not_count():
    later, about_now = event(FORM, -6 * MINUTE), event(FORM, -2 * MINUTE)

    assert not conditions({FORM: {"count": 2}})[0].holds(a_case(timeline=[later, about_now]))
    assert conditions({FORM: {"count": 1}})[0].holds(a_case(timeline=[later, about_now]))


@pytest.mark.parametrize("time", [None, "", "0000-00-00 00:00:00", "soon"])
def test_an_event_without_a_time_counts_as_the_oldest(time):
    timeless = {"eventSource": FORM, "createTimestamp": time}

    assert conditions({FORM: {"count": 1}})[0].holds(a_case(timeline=[timeless]))
    assert not conditions({FORM: {"within": "3650d"}})[0].holds(a_case(timeline=[timeless]))
    assert not conditions({FORM: {"last": 1}})[0].holds(a_case(timeline=[timeless, event(VISIT, 90 * DAY)]))


def test_a_reason_says_what_was_counted():
    (condition,) = conditions({FORM: {"count": {"gte": 5}, "within": "30d", "last": 10}})

    reason = condition.judge(a_case(timeline=HISTORY)).reason

    assert reason == "formSubmit count gte 5 within 30d among the last 10 events (was 2)"


@pytest.mark.parametrize(
    ("match", "sources"),
    [
        ({FORM: {"count": 1}}, (FORM,)),
        ([{FORM: {"count": 1}}, {VISIT: {"count": 1}, FORM: {"count": 2}}], (FORM, VISIT)),
        ({FORM: {"last": 3}, VISIT: {"count": 1}}, ()),
    ],
    ids=["one", "each once", "all of them"],
)
def test_what_must_be_fetched_is_known(match, sources):
    assert read_match_timeline(match, ()).sources == sources


asked = st.none() | st.sampled_from([row[1] for row in ROWS])
rules = st.lists(st.tuples(st.sampled_from([{}, {"leadScore": "91"}, {"leadScore": "1"}]), asked, st.booleans()))
histories = st.none() | st.lists(st.sampled_from([*HISTORY, event("emailUnsubscribe", DAY)]), max_size=8)


def table_of(rules):
    def route(number, match, timeline, stop):
        history = None if timeline is None else read_match_timeline(timeline, ())
        name = RouteName(f"route-{number}")
        return Route(name=name, conditions=read_match(match, ())[0], to=(), match_timeline=history, stop=stop)

    return RouteTable(tuple(route(number, *rule) for number, rule in enumerate(rules)))


@given(rules, histories)
def test_what_is_decided_in_two_steps_is_what_would_be_decided_in_one(rules, history):
    table, change = table_of(rules), a_change(lead=a_lead())

    decision = table.decide(a_case(change))
    settled = table.settle([route.name for route in decision.open], a_case(change, timeline=history))

    at_once = table.matching(a_case(change, timeline=history))
    assert sorted(route.name for route in [*decision.taken, *settled]) == sorted(route.name for route in at_once)
    told = [verdict.route for verdict in table.verdicts(a_case(change, timeline=history)) if verdict.matched]
    assert told == at_once


@given(rules)
def test_only_what_depends_on_the_history_waits_for_it(rules):
    table, change = table_of(rules), a_change(lead=a_lead())

    decision = table.decide(a_case(change))

    for route in decision.open:
        before = [other for other in table.routes if int(other.name[6:]) < int(route.name[6:])]
        asks_itself = route.match_timeline is not None
        assert asks_itself or any(other.stop and other.match_timeline is not None for other in before)


def test_routes_that_are_gone_by_now_take_nothing_and_the_others_are_judged_as_they_are_now():
    then = table_of([({}, {FORM: {"count": 3}}, False), ({}, {FORM: {"count": 3}}, False)])
    now = RouteTable(table_of([({}, {FORM: {"count": 3}}, False), ({}, {FORM: {"count": 9}}, False)]).routes[1:])
    case = a_case(timeline=HISTORY)

    names = [route.name for route in then.decide(a_case()).open]

    assert names == ["route-0", "route-1"]
    assert now.settle(names, case) == []
    assert [route.name for route in then.settle(names, case)] == names
