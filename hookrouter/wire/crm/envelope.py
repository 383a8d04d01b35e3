"""A call of the CRM's API as bytes, with its answer as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.wire.crm.errors import AUTHENTICATION_FAILED, BAD_FORMAT, PASSING_CODES, UNKNOWN_ERROR, text_of_code

WRITE_KEYS = ("creates", "updates", "deletes")
"""Where a write's per-object results stand in its result object."""

OK = 200
UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
SERVER_FAULT = 500
UNKNOWN_ACCOUNT = "Unable to determine clusterID"
CHECK_KEYS = "it does not know these credentials; check the account id and the secret key"

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What became of one object of a write.

    Attributes:
        success: the CRM says so; updateLeads also says so when it did nothing.
        id: of the object that was created.
        code: from the table of errors; None on success.
        message: what the code means; empty on success.
    """

    success: bool
    id: str | None = None
    code: int | None = None
    message: str = ""


def encode_call(method: str, params: Mapping[str, Any], request_id: str) -> bytes:
    """Write the request.

    Raises:
        CrmRefused: code 101, when the params hold what JSON cannot say.
    """
    try:
        return orjson.dumps({"method": method, "params": params, "id": request_id})
    except TypeError:
        raise CrmRefused(BAD_FORMAT, method, "the params cannot be written as JSON") from None


def decode_answer(status: int, body: bytes, method: str) -> Answer:
    """Read the result object of an answer; a write's refused objects are in it, for `write_results`.

    Raises:
        CrmAway: it throttles, is down, or what it says cannot be read; later may be better.
        CrmRefused: the call as a whole was refused.
    """
    if status == UNAUTHORIZED:
        raise CrmRefused(AUTHENTICATION_FAILED, method, CHECK_KEYS)
    if status == TOO_MANY_REQUESTS:
        raise CrmAway(f"the CRM throttles {method} (HTTP 429); it is tried again later")
    if status >= SERVER_FAULT:
        raise CrmAway(f"the CRM is not available for {method} (HTTP {status}); it is tried again later")
    envelope = _read_envelope(status, body, method)
    result = _result_of(envelope, method)
    _refuse(envelope.get("error"), result, method)
    return result


def write_results(result: Mapping[str, Any]) -> tuple[WriteResult, ...]:
    """Each object's result in the order the objects were given.

    Fewer than the objects given means that nobody knows what became of them (the CRM has been seen to answer an
    empty list after it had written): read them back before you write again.
    """
    for key in WRITE_KEYS:
        if isinstance(result.get(key), list):
            return tuple(_write_result(each) for each in result[key])
    return ()


def _read_envelope(status: int, body: bytes, method: str) -> Answer:
    unreadable = f"the CRM's answer to {method} cannot be read (HTTP {status}); check crm.url if this lasts"
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise CrmAway(unreadable) from None
    if isinstance(envelope, str) and envelope.startswith(UNKNOWN_ACCOUNT):
        raise CrmRefused(AUTHENTICATION_FAILED, method, CHECK_KEYS)
    if not isinstance(envelope, dict) or not ("result" in envelope or envelope.get("error")):
        raise CrmAway(unreadable)
    return envelope


def _result_of(envelope: Answer, method: str) -> Answer:
    result = envelope.get("result")
    if isinstance(result, dict):
        return result
    # PHP writes an empty map as []; a few methods answer with a bare list instead of a map with one key.
    return {method: result} if isinstance(result, list) and result else {}


def _refuse(error: object, result: Answer, method: str) -> None:
    """Raise what concerns the whole call; null and [] are success, a list about objects is in the result too."""
    if not error or (isinstance(error, list) and any(key in result for key in WRITE_KEYS)):
        return
    code = _code_of(error[0] if isinstance(error, list) else error)
    if code in PASSING_CODES:
        raise CrmAway(f"the CRM cannot serve {method} now: {text_of_code(code)} (code {code})")
    raise CrmRefused(code, method, text_of_code(code))


def _write_result(given: object) -> WriteResult:
    if not isinstance(given, dict):
        return WriteResult(success=False, code=UNKNOWN_ERROR, message=text_of_code(UNKNOWN_ERROR))
    if str(given.get("success")).lower() in ("true", "1"):
        created = given.get("id")
        return WriteResult(success=True, id=None if created in (None, "") else str(created))
    code = _code_of(given.get("error"))
    return WriteResult(success=False, code=code, message=text_of_code(code))


def _code_of(error: object) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    try:
        return int(str(code))
    except ValueError:
        return UNKNOWN_ERROR
