"""What every call of the simulated API has in common."""

from __future__ import annotations

import json

import pytest

from hookrouter.simulator.leads import FIRST_ID

CALL = {"method": "getLead", "params": {"id": FIRST_ID}, "id": "r1"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"{", 101, id="no JSON"),
        pytest.param([], 101, id="no object"),
        pytest.param({"method": "getLead", "params": {}}, 102, id="no id"),
        pytest.param({"params": {}, "id": ""}, 201, id="no method"),
        pytest.param({"method": "getLead", "id": ""}, 202, id="no params"),
        pytest.param({"method": "singLead", "params": {}, "id": ""}, 204, id="unknown method"),
        pytest.param({"method": "getLead", "params": [], "id": ""}, 206, id="missing parameter"),
        pytest.param({"method": "getLeads", "params": {}, "id": ""}, 206, id="missing where"),
        pytest.param({"method": "getLeads", "params": {"where": "x"}, "id": ""}, 205, id="where no map"),
        pytest.param({"method": "getLeads", "params": {"where": {"city": "Ulm"}}, "id": ""}, 217, id="where city"),
        pytest.param({"method": "getLeads", "params": {"where": {"id": ["1"] * 501}}, "id": ""}, 209, id="501 ids"),
        pytest.param({"method": "getLeads", "params": {"where": [], "limit": "x"}, "id": ""}, 205, id="bad limit"),
        pytest.param({"method": "getLeads", "params": {"where": [], "fields": "id"}, "id": ""}, 205, id="bad fields"),
        pytest.param({"method": "updateLeads", "params": {}, "id": ""}, 207, id="no objects"),
        pytest.param({"method": "updateLeads", "params": {"objects": 1}, "id": ""}, 208, id="objects no list"),
        pytest.param({"method": "updateLeads", "params": {"objects": [{}] * 501}, "id": ""}, 209, id="501 objects"),
        pytest.param({"method": "getLeadTimeline", "params": {"where": {}}, "id": ""}, 220, id="no whoID"),
        pytest.param(
            {"method": "getLeadTimeline", "params": {"where": {"whoID": FIRST_ID, "eventSource": "x"}}, "id": ""},
            219,
            id="bad eventSource",
        ),
        pytest.param(
            {"method": "getLeadListMemberships", "params": {"memberIDs": ["1"] * 101}, "id": ""}, 222, id="101"
        ),
        pytest.param({"method": "getLeadListMemberships", "params": {}, "id": ""}, 206, id="no members"),
        pytest.param({"method": "subscribeToLeadUpdates", "params": {}, "id": ""}, 206, id="no url"),
        pytest.param({"method": "subscribeToLeadUpdates", "params": {"url": "ftp://x"}, "id": ""}, 217, id="bad url"),
        pytest.param({"method": "getLeadsDateRange", "params": {"timestamp": "update"}, "id": ""}, 205, id="no dates"),
    ],
)
def test_a_bad_call_is_refused_inside_status_200(ask, body, code):
    status, answer = ask(lambda wire: wire.post(body=body))

    envelope = json.loads(answer)
    assert status == 200
    assert envelope["error"]["code"] == code
    assert envelope["error"]["data"] == []


def test_the_id_is_echoed_and_calls_are_counted_in_text(ask):
    async def question(wire):
        return [json.loads((await wire.post(body=CALL | {"id": each}))[1]) for each in ("", "r2", 7)]

    envelopes = ask(question)

    assert [envelope["id"] for envelope in envelopes] == ["", "r2", 7]
    assert [envelope["callCount"] for envelope in envelopes] == ["1", "2", "3"]
    assert {envelope["queryLimit"] for envelope in envelopes} == {"50000"}


@pytest.mark.parametrize(
    ("keys", "headers"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"accountID": "x", "secretKey": "y"}, {}, id="wrong"),
        pytest.param(
            {"accountID": "x", "secretKey": "y"},
            {"X-Account-Id": "2_0A1B2C3D", "Authorization": "Bearer SECRET0KEY0OF0TESTS"},
            id="the query string wins",
        ),
    ],
)
def test_strangers_get_401_with_a_json_text(ask, keys, headers):
    status, answer = ask(lambda wire: wire.post(body=CALL, keys=keys, headers=headers))

    assert status == 401
    assert json.loads(answer) == "Unable to determine clusterID from provided accountID/secretKey"


def test_credentials_may_come_in_headers(ask):
    headers = {"X-Account-Id": "2_0A1B2C3D", "Authorization": "Bearer SECRET0KEY0OF0TESTS"}

    status, _ = ask(lambda wire: wire.post(body=CALL, keys={}, headers=headers))

    assert status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", {"mode": "flood"}),
        ("/faults", {"mode": "slow", "seconds": -1}),
        ("/faults", b"{"),
        ("/faults", [1]),
        ("/changes", {"count": "many"}),
        ("/changes", {}),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused(ask, path, body):
    status, _ = ask(lambda wire: wire.post(path, body=body))

    assert status == 400
