"""What can be turned while the simulated CRM runs, and its allowance of calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.refusals import Refused

CALL = {"method": "getLead", "params": {"id": FIRST_ID}, "id": "r1"}


class SetClock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self):
        return datetime(2026, 3, 4, 23, 59, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds


def outcomes(meter, clock, moments):
    """The code with which each call is refused, None where it is not."""

    def outcome(moment):
        clock.seconds = moment
        try:
            meter.charge("getLead")
        except Refused as refused:
            return refused.code
        return None

    return [outcome(moment) for moment in moments]


def test_no_second_holds_more_calls_than_allowed_wherever_it_begins():
    clock = SetClock()
    meter = CallMeter(clock, Dials(allowance=Allowance(per_second=2)))

    assert outcomes(meter, clock, [0.0, 0.9, 0.99, 1.5, 1.95, 3.0]) == [None, None, 107, 107, 107, None]
    assert (meter.calls, meter.over_rate, meter.used_today, meter.most_in_a_second) == (6, 3, 3, 3)


def test_the_day_has_its_calls_and_the_next_day_has_them_again():
    clock = SetClock()
    meter = CallMeter(clock, Dials(allowance=Allowance(per_day=2)))

    assert outcomes(meter, clock, [0, 5, 10, 59, 61, 62, 63]) == [None, None, 106, 106, None, None, 106]
    assert (meter.over_quota, meter.used_today) == (3, 2)


def test_calls_over_the_rate_are_refused_inside_status_200_and_told(ask):
    async def question(wire):
        answers = [json.loads((await wire.post(body=CALL))[1]) for _ in range(4)]
        return answers, await wire.status()

    answers, status = ask(question, allowance=Allowance(per_second=3))

    assert [bool(answer["error"]) for answer in answers] == [False, False, False, True]
    assert answers[3]["error"] == {"code": 107, "message": "Exceeded per second method call limit.", "data": []}
    assert [answer["callCount"] for answer in answers] == ["1", "2", "3", "3"]
    assert (status["calls"], status["calls_over_rate"], status["most_calls_in_a_second"]) == (4, 1, 4)
    assert status["calls_by_method"] == {"getLead": 4}


def test_a_day_that_is_nearly_spent_can_be_had_at_once(ask):
    async def question(wire):
        await wire.post("/calls-today", body={"count": 49_999})
        return [json.loads((await wire.post(body=CALL))[1]) for _ in range(2)], await wire.status()

    (first, second), status = ask(question)

    assert (first["error"], first["callCount"], first["queryLimit"]) == (None, "50000", "50000")
    assert second["error"]["code"] == 106
    assert status["calls_over_quota"] == 1


def test_what_is_turned_holds_from_now_on_and_the_rest_stays(ask):
    async def question(wire):
        await wire.post("/dials", body={"pushing": {"lost": 0.25}, "allowance": {"per_day": 7}})
        async with wire.session.get(wire.simulator.url + "/dials") as answer:
            return await answer.json()

    stand = ask(question, pushing=Pushing(doubled=0.5))

    assert (stand["pushing"]["lost"], stand["pushing"]["doubled"], stand["pushing"]["shape"]) == (0.25, 0.5, "list")
    assert stand["allowance"] == {"per_second": 0, "per_day": 7}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param({"weather": {}}, "there is no weather", id="no such section"),
        pytest.param({"pushing": {"stolen": 1}}, "there is no stolen", id="no such dial"),
        pytest.param({"pushing": 1}, "a section must be an object", id="no section"),
        pytest.param({"pushing": {"lost": "much"}}, "lost must be a number", id="no number"),
        pytest.param({"pushing": {"lost": True}}, "lost must be a number", id="a truth for a number"),
        pytest.param({"pushing": {"creates": 1}}, "creates must be true or false", id="a number for a truth"),
        pytest.param({"pushing": {"lost": 0.6, "delayed": 0.6}}, "together at most 1", id="more than all"),
        pytest.param({"pushing": {"batch_delay": -1}}, "batch_delay and held are seconds", id="before it happened"),
        pytest.param({"pushing": {"shape": "cube"}}, "cube", id="no such shape"),
        pytest.param({"allowance": {"per_day": 1.5}}, "per_day must be a whole number", id="half a call"),
        pytest.param({"allowance": {"per_second": -1}}, "numbers from 0", id="less than no call"),
    ],
)
def test_what_makes_no_sense_turns_nothing(ask, wanted, said):
    async def question(wire):
        before = wire.simulator.dials.stand()
        status, answer = await wire.post("/dials", body={"allowance": {"per_day": 7}} | wanted)
        return status, answer.decode(), wire.simulator.dials.stand() == before

    status, answer, as_before = ask(question)

    assert (status, as_before) == (400, True)
    assert said in answer
