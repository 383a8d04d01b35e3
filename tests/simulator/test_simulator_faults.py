"""How the simulated API misbehaves, and at which calls."""

from __future__ import annotations

import json

import aiohttp
import pytest

from hookrouter.simulator.faults import FaultMode, Faults
from hookrouter.simulator.leads import FIRST_ID

FIRST = str(FIRST_ID)
CALL = {"method": "getLead", "params": {"id": FIRST_ID}, "id": "r1"}
WRITE = {"method": "updateLeads", "params": {"objects": [{"id": FIRST, "title": "Weaver"}]}, "id": "r2"}


@pytest.mark.parametrize(
    ("mode", "status", "start"),
    [
        ("html502", 502, b"<!DOCTYPE html>"),
        ("html503", 503, b"<!DOCTYPE html>"),
        ("html504", 504, b"<!DOCTYPE html>"),
        ("html200", 200, b"<!DOCTYPE html>"),
        ("login", 200, b"<!DOCTYPE html>"),
        ("429", 429, b"<!DOCTYPE html>"),
        ("rate", 200, b'{"result":[],"error":{"code":107'),
        ("quota", 200, b'{"result":[],"error":{"code":106'),
        ("unknown", 200, b'{"result":[],"error":{"code":999'),
        ("slow", 200, b'{"result":{"lead":[{"id":"'),
        ("slow_body", 200, b'{"result":{"lead":[{"id":"'),
    ],
)
def test_a_fault_lasts_until_it_is_switched_off(ask, mode, status, start):
    async def question(wire):
        await wire.post("/faults", body={"mode": mode, "seconds": 0})
        faulty = await wire.post(body=CALL)
        await wire.post("/faults", body={"mode": "none"})
        return faulty, await wire.post(body=CALL)

    faulty, sound = ask(question)

    assert faulty[0] == status
    assert faulty[1].startswith(start)
    assert sound[0] == 200
    assert b'"lead":[{"id"' in sound[1]


@pytest.mark.parametrize(
    ("mode", "done"), [("reset", False), ("reset_after", True), ("cut", True), ("html504_after", True)]
)
def test_whether_a_write_was_carried_out_cannot_be_told_from_the_answer(ask, mode, done):
    async def question(wire):
        await wire.post("/faults", body={"mode": mode, "calls": 1})
        try:
            answer = await wire.post(body=WRITE)
        except aiohttp.ClientError:
            answer = None
        return answer, (await wire.lead(FIRST))["title"] == "Weaver"

    answer, written = ask(question)

    assert (answer is None or answer[0] == 504, written) == (True, done)


def test_an_unsure_write_is_carried_out_and_answered_with_an_error_and_no_results(ask):
    async def question(wire):
        await wire.post("/faults", body={"mode": "unsure"})
        envelope = json.loads((await wire.post(body=WRITE))[1])
        return envelope, await wire.lead(FIRST)

    envelope, lead = ask(question)

    assert envelope["result"] == {"updates": []}
    assert [error["code"] for error in envelope["error"]] == [999]
    assert lead["title"] == "Weaver"


def test_large_pages_can_be_too_heavy(ask):
    async def question(wire):
        await wire.post("/faults", body={"mode": "heavy"})
        pages = [{"method": "getLeads", "params": {"where": {}, "limit": limit}, "id": ""} for limit in (200, 201)]
        return [(await wire.post(body=page))[0] for page in pages]

    assert ask(question, leads=300) == [200, 504]


def test_a_fault_may_strike_some_methods_only_and_end_by_itself(ask):
    async def question(wire):
        await wire.post("/faults", body={"mode": "html503", "calls": 2, "methods": ["updateLeads"]})
        statuses = [(await wire.post(body=body))[0] for body in (CALL, WRITE, CALL, WRITE, WRITE)]
        return statuses, await wire.status()

    statuses, status = ask(question)

    assert statuses == [200, 503, 200, 503, 200]
    assert (status["fault"], status["calls_struck"]) == ("none", 2)


def test_a_fault_may_strike_a_share_of_the_calls_the_same_with_the_same_seed():
    def strikes(seed):
        faults = Faults(seed)
        faults.switch("reset", share=0.2)
        return [faults.strike("getLead") is FaultMode.RESET for _ in range(1000)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 150 < sum(strikes(1)) < 250


def test_a_get_with_credentials_is_an_error_inside_status_200(ask):
    async def question(wire):
        async with wire.session.get(wire.simulator.api_url, params={"accountID": "x"}) as answer:
            stranger = answer.status
        async with wire.session.get(
            wire.simulator.api_url, params={"accountID": "2_0A1B2C3D", "secretKey": "SECRET0KEY0OF0TESTS"}
        ) as answer:
            return stranger, answer.status, (await answer.json())["error"]["code"]

    assert ask(question) == (401, 200, 101)


@pytest.mark.parametrize(
    "wanted",
    [
        {"mode": "flood"},
        {"mode": "slow", "seconds": -1},
        {"mode": "slow", "seconds": "long"},
        {"mode": "reset", "share": 1.1},
        {"mode": "reset", "share": True},
        {"mode": "reset", "calls": 0},
        {"mode": "reset", "calls": "some"},
        {"mode": "reset", "methods": "getLead"},
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused_and_the_one_that_was_on_stays(ask, wanted):
    async def question(wire):
        await wire.post("/faults", body={"mode": "html502", "methods": ["getLead"]})
        status, _ = await wire.post("/faults", body=wanted)
        return status, wire.simulator.faults.stand()

    status, stand = ask(question)

    assert (status, stand["mode"], stand["methods"]) == (400, "html502", ["getLead"])
