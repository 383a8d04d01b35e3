"""`sample`: a share of the leads, always the same."""

import pytest

from hookrouter.domain.change import compare
from hookrouter.domain.conditions.sample import Sampled
from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.domain.lead import Lead
from hookrouter.testing.builders import a_case

LEADS = 20_000


def taken(route, percent):
    condition = Sampled(route=RouteName(route), percent=percent)
    cases = ((number, a_case(compare(Lead(key=LeadKey(str(number)), fields={}), None))) for number in range(LEADS))
    return {number for number, case in cases if condition.holds(case)}


@pytest.mark.parametrize("percent", [0.5, 10, 50])
def test_a_sample_takes_its_share(percent):
    assert len(taken("trial", percent)) / LEADS * 100 == pytest.approx(percent, rel=0.25)


def test_a_sample_of_all_takes_all():
    assert len(taken("trial", 100)) == LEADS


def test_a_larger_sample_takes_those_of_a_smaller_too():
    assert taken("trial", 10) < taken("trial", 20)


def test_each_route_draws_for_itself():
    both = taken("trial", 50) & taken("other", 50)

    assert len(both) / LEADS == pytest.approx(0.25, rel=0.1)


def test_a_lead_that_is_left_out_is_told_its_lot():
    condition = Sampled(route=RouteName("trial"), percent=0.000001)

    judgement = condition.judge(a_case())

    assert not judgement.held
    assert judgement.reason.startswith("sample 1e-06% (the lead drew ")
