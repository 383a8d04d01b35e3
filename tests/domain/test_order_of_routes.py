"""Which routes a lead takes when some stop, some are shadows, some wait for its history, and one takes the rest."""

from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.ids import RouteName
from hookrouter.domain.routing import UNMATCHED, Route, RouteTable
from hookrouter.testing.builders import a_case, a_change
from hookrouter.wire.rules.history import read_match_timeline
from hookrouter.wire.rules.language import read_match

HISTORY = [{"eventSource": "formSubmit", "createTimestamp": "2026-03-04 15:00:00"}]
HOLDS, FAILS = {"leadScore": "91"}, {"leadScore": "1"}
REST = Route(name=UNMATCHED, conditions=(), to=(), for_unmatched=True)


def a_route(name, match=HOLDS, *, history=None, **options):
    asked = None if history is None else read_match_timeline({"formSubmit": {"count": history}}, ())
    conditions, _ = read_match(match, ())
    return Route(name=RouteName(name), conditions=conditions, to=(), match_timeline=asked, **options)


def taken(*routes, event=LeadEvent.UPDATED, timeline=HISTORY):
    return [route.name for route in RouteTable(routes).matching(a_case(a_change(event=event), timeline=timeline))]


rules = st.lists(
    st.builds(
        lambda match, history, stop, shadow: {"match": match, "history": history, "stop": stop, "shadow": shadow},
        st.sampled_from([HOLDS, FAILS]),
        st.sampled_from([None, None, 1, 2]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)
events = st.sampled_from(LeadEvent)
histories = st.sampled_from([None, [], HISTORY, HISTORY * 2])


def table_of(rules, *, has_rest):
    routes = [a_route(f"route-{number}", **rule) for number, rule in enumerate(rules)]
    return RouteTable((*routes, REST) if has_rest else tuple(routes))


@given(rules, st.booleans(), events, histories)
def test_the_router_in_one_step_or_two_and_explain_decide_alike(rules, has_rest, event, history):
    table, change = table_of(rules, has_rest=has_rest), a_change(event=event)
    told = a_case(change, timeline=history)

    decision = table.decide(a_case(change))
    settled = table.settle([route.name for route in decision.open], told)

    at_once = table.matching(told)
    assert sorted(route.name for route in [*decision.taken, *settled]) == sorted(route.name for route in at_once)
    assert [verdict.route for verdict in table.verdicts(told) if verdict.matched] == at_once
    assert all(verdict.matched or verdict.failed for verdict in table.verdicts(told))


@given(rules, events, histories, st.sets(st.integers(0, 6)))
def test_of_some_routes_the_same_is_told_as_of_all(rules, event, history, numbers):
    table, case = table_of(rules, has_rest=True), a_case(a_change(event=event), timeline=history)
    names = {f"route-{number}" for number in numbers} | {"unmatched", "another"}

    told = table.verdicts(case, names)

    whole = table.verdicts(case)
    assert told == tuple(each for each in whole if each.route.name in names or each.matched)


@given(rules, events, histories)
def test_shadows_are_nothing_to_the_others(rules, event, history):
    case = a_case(a_change(event=event), timeline=history)
    table = table_of(rules, has_rest=True)
    without = RouteTable(tuple(route for route in table.routes if not route.shadow))

    assert [route for route in table.matching(case) if not route.shadow] == without.matching(case)


@given(rules, events, histories)
def test_no_new_or_changed_lead_falls_between_two_routes(rules, event, history):
    case = a_case(a_change(event=event), timeline=history)

    takers = [route for route in table_of(rules, has_rest=True).matching(case) if not route.shadow]

    assert takers or event in {LeadEvent.ECHO, LeadEvent.UNCHANGED, LeadEvent.STALE, LeadEvent.DELETED}
    assert REST not in takers or takers == [REST]


def test_a_lead_that_goes_nowhere_on_purpose_is_not_unmatched():
    assert taken(a_route("our-own-tests", stop=True), REST) == ["our-own-tests"]


def test_a_lead_that_only_shadows_take_is_unmatched():
    assert taken(a_route("try", shadow=True, stop=True), REST) == ["try", "unmatched"]


def test_while_a_route_waits_for_the_history_nobody_knows_whether_the_lead_is_unmatched():
    table = RouteTable((a_route("called", history=1), REST))

    decision = table.decide(a_case())

    assert (decision.taken, [route.name for route in decision.open]) == ([], ["called", "unmatched"])
    assert table.settle(["called", "unmatched"], a_case(timeline=[])) == [REST]


def test_the_rest_does_not_wait_for_a_shadow():
    decision = RouteTable((a_route("called", history=1, shadow=True), REST)).decide(a_case())

    assert (decision.taken, [route.name for route in decision.open]) == ([REST], ["called"])


def test_why_the_rest_does_not_take_a_lead_is_told():
    table = RouteTable((a_route("hot-lead"), a_route("other"), REST))

    assert table.verdicts(a_case())[-1].failed == "no other route takes it (hot-lead, other took it)"
