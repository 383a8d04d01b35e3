"""The CRM's envelope, in every shape that was seen or documented."""

from __future__ import annotations

import orjson
import pytest

from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.quota import CallCount
from hookrouter.wire.crm.envelope import WriteResult, encode_call, open_answer, write_results

EXISTS = {"code": 301, "message": "Entry already exists.", "data": []}
HTML = b"<!DOCTYPE html><html><body>Service temporarily unavailable</body></html>"


def decode(envelope: object, *, status: int = 200, method: str = "getLeads"):
    return open_answer(status, orjson.dumps(envelope), method).served()


def test_a_call_is_written_with_method_params_and_id():
    body = encode_call("getLead", {"id": "718281920514"}, "r1")

    assert orjson.loads(body) == {"method": "getLead", "params": {"id": "718281920514"}, "id": "r1"}


@pytest.mark.parametrize("count", ["9" * 5000, "9" * 20, "-1", "1.5", "", [], {}])
def test_a_count_that_is_none_is_no_count(count):
    answer = open_answer(200, orjson.dumps({"result": {"lead": []}, "callCount": count}), "getLeads")

    assert (answer.count, answer.served()) == (None, {"lead": []})


def test_a_limit_of_no_calls_is_none():
    answer = open_answer(200, orjson.dumps({"result": {}, "callCount": "7", "queryLimit": "0"}), "getLeads")

    assert answer.count == CallCount(calls=7)


def test_params_that_json_cannot_say_are_refused():
    with pytest.raises(CrmRefused, match="code 101"):
        encode_call("getLead", {"id": object()}, "r1")


@pytest.mark.parametrize(
    ("envelope", "result"),
    [
        pytest.param({"result": {"lead": []}, "error": None, "id": ""}, {"lead": []}, id="a read's null"),
        pytest.param(
            {"result": {"success": True}, "error": [], "id": "r"}, {"success": True}, id="a write's empty list"
        ),
        pytest.param({"result": {"lead": []}}, {"lead": []}, id="no error member"),
        pytest.param({"result": [], "error": None}, {}, id="PHP's empty map"),
        pytest.param({"result": None, "error": []}, {}, id="no result"),
        pytest.param({"result": [{"id": "1"}], "error": None}, {"getLeads": [{"id": "1"}]}, id="a bare list"),
    ],
)
def test_what_succeeded_is_its_result(envelope, result):
    assert decode(envelope) == result


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param({"code": 219, "message": "Incorrect", "data": {}}, 219, id="an object"),
        pytest.param({"code": "219", "message": "Incorrect", "data": []}, 219, id="a code as text"),
        pytest.param([{"code": 205, "message": "Invalid", "data": []}], 205, id="a list without results"),
        pytest.param({"code": 31337, "message": "who knows"}, 31337, id="a code of no table"),
    ],
)
def test_a_refused_call_raises_its_code(error, code):
    with pytest.raises(CrmRefused) as caught:
        decode({"result": None, "error": error, "id": "r"})

    assert caught.value.code == code
    assert caught.value.method == "getLeads"


@pytest.mark.parametrize("code", [106, 107, 999])
def test_a_spent_quota_and_an_unknown_error_may_pass(code):
    with pytest.raises(CrmAway, match=f"code {code}"):
        decode({"result": None, "error": {"code": code, "message": "x", "data": []}, "id": "r"})


def test_an_error_without_a_code_may_pass():
    with pytest.raises(CrmAway):
        decode({"result": None, "error": "something", "id": "r"})


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(401, b'"Unable to determine clusterID from provided accountID\\/secretKey"', id="401"),
        pytest.param(200, b'"Unable to determine clusterID from provided accountID\\/secretKey"', id="the text alone"),
        pytest.param(401, HTML, id="401 as a page"),
    ],
)
def test_unknown_credentials_tell_what_to_check(status, body):
    with pytest.raises(CrmRefused, match="check the account id and the secret key") as caught:
        open_answer(status, body, "getLeads").served()

    assert caught.value.code == 105


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(503, HTML, id="503"),
        pytest.param(500, b'{"result": {}, "error": null}', id="500 that looks right"),
        pytest.param(429, b"", id="429"),
        pytest.param(429, b'{"result": {}, "error": null}', id="429 that looks right"),
        pytest.param(200, HTML, id="a page with status 200"),
        pytest.param(200, b"", id="nothing"),
        pytest.param(200, b"[]", id="a list"),
        pytest.param(200, b"{}", id="an empty object"),
        pytest.param(200, b'"hello"', id="a text"),
        pytest.param(200, b'{"result": {"lead": [', id="half an answer"),
        pytest.param(303, b"", id="a redirect"),
        pytest.param(404, HTML, id="404"),
    ],
)
def test_what_cannot_be_read_is_away(status, body):
    with pytest.raises(CrmAway):
        open_answer(status, body, "getLeads").served()


def test_an_error_never_repeats_what_the_far_side_wrote():
    error = {"code": 217, "message": "Bad value marta.quill@example.com", "data": ["marta.quill@example.com"]}

    with pytest.raises(CrmRefused) as refused:
        decode({"result": None, "error": error, "id": "r"})
    with pytest.raises(CrmAway) as away:
        open_answer(503, b"marta.quill@example.com", "getLeads")

    assert "marta" not in f"{refused.value!r} {away.value!r}"


@pytest.mark.parametrize("error", [[EXISTS], None, []], ids=["a list", "null", "an empty list"])
def test_refused_objects_of_a_write_are_values(error):
    creates = [{"success": True, "error": None, "id": 718281920514}, {"success": False, "error": EXISTS}]

    result = decode({"result": {"creates": creates}, "error": error, "id": "r"}, method="createLeads")

    assert write_results(result) == (
        WriteResult(success=True, id="718281920514"),
        WriteResult(success=False, code=301, message="Entry already exists."),
    )


def test_a_write_whose_results_are_missing_is_neither_success_nor_refusal():
    result = decode({"result": {"updates": []}, "error": [EXISTS], "id": "r"}, method="updateLeads")

    assert write_results(result) == ()


@pytest.mark.parametrize(
    ("given", "success"),
    [
        ({"success": True, "error": None}, True),
        ({"success": 1}, True),
        ({"success": "1"}, True),
        ({"success": "false"}, False),
        ({"success": 0, "error": EXISTS}, False),
        ("nonsense", False),
    ],
)
def test_success_is_read_in_every_spelling(given, success):
    assert [each.success for each in write_results({"updates": [given]})] == [success]


def test_one_success_is_of_all_objects():
    assert write_results({"success": True}, 2) == (WriteResult(success=True),) * 2
    assert write_results({"success": False}, 2) == ()


def test_a_result_that_is_no_write_has_no_object_results():
    assert write_results({"lead": [{"id": "1"}]}) == ()
