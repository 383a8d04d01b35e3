"""The index of routes changes what judging costs, and never what is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.case import Case
from hookrouter.domain.change import compare
from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import Json, Lead
from hookrouter.domain.routing import Route, RouteTable
from hookrouter.testing.builders import a_case
from hookrouter.wire.rules.language import read_match
from hookrouter.wire.rules.names import NamedConditions

FIELDS = ("leadStatus", "state", "leadScore", "address.city")
words = st.sampled_from(["open", "OPEN", "CA", "ca", "80", "80.0", "080", "1", "true", "ß", "SS", "9007199254740993"])
plain = words | st.integers(-1, 81) | st.sampled_from([80.0, 0.5, 2**53 + 1]) | st.booleans()
values = plain | st.none() | st.just("") | st.lists(plain, max_size=2)
tests = (
    plain | st.lists(plain, min_size=1, max_size=3) | st.builds(lambda one: {"not": one}, plain) | st.just({"gte": 3})
)
matches = st.dictionaries(st.sampled_from(FIELDS), tests, min_size=0, max_size=3)
leads = st.dictionaries(st.sampled_from(["leadStatus", "state", "leadScore"]), values) | st.builds(
    lambda city: {"address": {"city": city}}, values
)


def route(number: int, match: object, *, stop: bool = False) -> Route:
    conditions, _ = read_match(match, ())
    return Route(name=RouteName(f"route-{number}"), conditions=conditions, to=(), stop=stop)


def case_of(fields: object) -> Case:
    return a_case(compare(Lead(key=LeadKey("1"), fields=fields), None))


@given(st.lists(st.tuples(matches, st.booleans()), max_size=12), leads)
def test_what_matches_is_what_is_explained(rules, fields):
    table = RouteTable(tuple(route(number, match, stop=stop) for number, (match, stop) in enumerate(rules)))
    case = case_of(fields)

    explained = [verdict.route.name for verdict in table.verdicts(case) if verdict.matched]
    assert [found.name for found in table.matching(case)] == explained


class Counted:
    """Holds always, and notes whose it is."""

    label = "counted"

    def __init__(self, number: int, asked: list[int]) -> None:
        self.number = number
        self.asked = asked

    def holds(self, case: Case) -> bool:
        self.asked.append(self.number)
        return bool(case)

    def judge(self, case: Case) -> Judgement:
        return Judgement(label=self.label, held=self.holds(case))


def asked_of(match_of: Callable[[int], Json], names: Mapping[str, Json] = MappingProxyType({})) -> list[int]:
    """Which of 100 routes are asked about a lead of owner 42."""
    asked: list[int] = []
    named = NamedConditions(names)
    routes = []
    for number in range(100):
        conditions, _ = read_match(match_of(number), (), named)
        conditions = (*conditions, Counted(number, asked))
        routes.append(Route(name=RouteName(f"route-{number}"), conditions=conditions, to=()))

    [found] = RouteTable(tuple(routes)).matching(case_of({"ownerID": 42, "leadStatus": "open"}))

    assert found.name == "route-42"
    return asked


def test_routes_that_ask_for_other_values_are_not_asked():
    assert asked_of(lambda number: {"ownerID": str(number)}) == [42]


def test_what_all_routes_share_hides_nothing_of_what_tells_them_apart():
    assert asked_of(lambda number: {"leadStatus": "open", "ownerID": str(number)}) == [42]


def test_the_index_sees_through_names():
    owners = {f"owner-{number}": {"ownerID": str(number)} for number in range(100)}
    names = {**owners, "open": {"leadStatus": "open"}, **{f"of-{name}": {"all": ["open", name]} for name in owners}}

    assert asked_of(lambda number: {"all": ["open", f"owner-{number}"]}, names) == [42]
    assert asked_of(lambda number: f"of-owner-{number}", names) == [42]
