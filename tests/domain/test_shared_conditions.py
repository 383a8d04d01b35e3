"""A condition that several routes ask is asked once of a lead, and of each lead anew."""

from dataclasses import dataclass, field

from hookrouter.domain.case import Case
from hookrouter.domain.conditions.shared import shared_conditions
from hookrouter.domain.ids import RouteName
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.routing import Route, RouteTable
from hookrouter.testing.builders import a_case, a_change, a_lead


@dataclass(frozen=True)
class Counted:
    """Holds for leads of Acme, and keeps count of the questions."""

    label: str
    asked: list[Case] = field(default_factory=list, compare=False)

    def holds(self, case: Case) -> bool:
        self.asked.append(case)
        return case.fields["companyName"] == "Acme"

    def judge(self, case: Case) -> Judgement:
        return Judgement(label=self.label, held=self.holds(case))


def table_of(*conditions: Counted) -> RouteTable:
    routes = [Route(name=RouteName(f"r{place}"), conditions=(each,), to=()) for place, each in enumerate(conditions)]
    return RouteTable(tuple(routes))


def test_what_several_routes_ask_is_asked_once_of_each_lead() -> None:
    one, same, other = Counted("acme"), Counted("acme"), Counted("other")
    table = table_of(one, same, other)
    acme = a_case(a_change(lead=a_lead(companyName="Acme")))
    emca = a_case(a_change(lead=a_lead(companyName="Emca")))

    taken = [[route.name for route in table.matching(case)] for case in (acme, emca, acme)]

    assert taken == [["r0", "r1", "r2"], [], ["r0", "r1", "r2"]]
    assert len([*one.asked, *same.asked]) == len(other.asked) == 3


def test_people_are_told_of_every_route() -> None:
    table = table_of(Counted("acme"), Counted("acme"))

    told = table.verdicts(a_case(a_change(lead=a_lead(companyName="Emca"))))

    assert [verdict.failed for verdict in told] == ["acme", "acme"]


def test_what_one_route_alone_asks_stays_as_it_is() -> None:
    one, other = Counted("one"), Counted("other")

    assert shared_conditions([(one,), (other, one)])[1][0] is other
