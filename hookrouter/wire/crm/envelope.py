"""A call of the CRM's API as bytes, with its answer as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from hookrouter.domain.errors import CrmAway, CrmKeysRefused, CrmQuotaSpent, CrmRefused, CrmThrottled
from hookrouter.domain.quota import CallCount
from hookrouter.wire.crm import errors
from hookrouter.wire.crm.errors import AUTHENTICATION_FAILED, BAD_FORMAT, QUOTA_CODES, UNKNOWN_ERROR, text_of_code

WRITE_KEYS = ("creates", "updates", "deletes")
"""Where a write's per-object results stand in its result object."""

MOST_DIGITS = 15
"""Of a count; what is longer is none, and Redis could not count with it."""

OK = 200
UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
SERVER_FAULT = 500
UNKNOWN_ACCOUNT = "Unable to determine clusterID"
CHECK_KEYS = "it does not know these credentials; check the account id and the secret key"

Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What became of one object of a write.

    Attributes:
        success: the CRM says so; updateLeads also says so when it did nothing.
        id: of the object that was created.
        code: from the table of errors; None on success, and when nobody knows.
        message: what the code means; empty on success.
        is_known: False when the answer was lost and reading back did not tell: it may be written, now or later.
    """

    success: bool
    id: str | None = None
    code: int | None = None
    message: str = ""
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmAnswer:
    """What the CRM answered, before anybody asks whether it served."""

    method: str
    result: Result = field(repr=False)
    error: object = field(default=None, repr=False)
    calls: int | None = None
    limit: int | None = None

    @property
    def count(self) -> CallCount | None:
        """What it tells of the day's calls, if it does."""
        return None if self.calls is None else CallCount(calls=self.calls, limit=self.limit)

    def served(self) -> Result:
        """The result object; a write's refused objects are in it, for `write_results`.

        Raises:
            CrmAway: it cannot serve the call now; later may be better.
            CrmRefused: the call as a whole was refused.
        """
        code = self._refusal()
        if code is None:
            return self.result
        text = f"the CRM cannot serve {self.method} now: {text_of_code(code)} (code {code})"
        match code:
            case errors.QUOTA_SPENT_TODAY:
                raise CrmQuotaSpent(text, did_nothing=True)
            case errors.TOO_MANY_A_SECOND:
                raise CrmThrottled(text, did_nothing=True)
            case errors.UNKNOWN_ERROR:
                raise CrmAway(text)
            case _ if code in errors.KEY_CODES:
                raise CrmKeysRefused(code, self.method, CHECK_KEYS)
            case _:
                raise CrmRefused(code, self.method, text_of_code(code))

    def _refusal(self) -> int | None:
        """The code of what concerns the whole call; null and [] are success, what concerns objects is in the result."""
        if not self.error or any(self.result.get(key) for key in WRITE_KEYS):
            return None
        code = _code_of(self.error[0] if isinstance(self.error, list) else self.error)
        # An error beside an empty list was seen after the CRM had written (crm-api 1.4, shape 5): nobody knows.
        in_doubt = any(isinstance(self.result.get(key), list) for key in WRITE_KEYS)
        return None if in_doubt and code not in QUOTA_CODES | errors.KEY_CODES else code


def encode_call(method: str, params: Mapping[str, Any], request_id: str) -> bytes:
    """Write the request.

    Raises:
        CrmRefused: code 101, when the params hold what JSON cannot say.
    """
    try:
        return orjson.dumps({"method": method, "params": params, "id": request_id})
    except TypeError:
        raise CrmRefused(BAD_FORMAT, method, "the params cannot be written as JSON") from None


def open_answer(status: int, body: bytes, method: str) -> CrmAnswer:
    """Read an answer, whatever it says.

    Raises:
        CrmAway: it throttles, is down, or what it says cannot be read; later may be better.
        CrmKeysRefused: it does not know the credentials.
    """
    if status == UNAUTHORIZED:
        raise CrmKeysRefused(AUTHENTICATION_FAILED, method, CHECK_KEYS)
    if status == TOO_MANY_REQUESTS:
        raise CrmThrottled(f"the CRM throttles {method} (HTTP 429); this usually passes", did_nothing=True)
    if status >= SERVER_FAULT:
        raise CrmAway(f"the CRM is not available for {method} (HTTP {status}); this usually passes")
    envelope = _read_envelope(status, body, method)
    return CrmAnswer(
        method=method,
        result=_result_of(envelope, method),
        error=envelope.get("error"),
        calls=_number_in(envelope.get("callCount")),
        limit=_number_in(envelope.get("queryLimit")) or None,  # an account that is granted nothing asks nothing
    )


def write_results(result: Mapping[str, Any], objects: int = 0) -> tuple[WriteResult, ...]:
    """Each object's result in the order the objects were given.

    The vendor's article has no list for logCalls, only one `success`: that is then of each of the objects.

    Fewer than the objects given means that nobody knows what became of them (the CRM has been seen to answer an
    empty list after it had written): read them back before you write again.
    """
    for key in WRITE_KEYS:
        if isinstance(result.get(key), list):
            return tuple(_write_result(each) for each in result[key])
    return (WriteResult(success=True),) * objects if _says_success(result) else ()


def _read_envelope(status: int, body: bytes, method: str) -> Result:
    unreadable = f"the CRM's answer to {method} cannot be read (HTTP {status}); check crm.url if this lasts"
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        envelope = None  # raised below, where the fault, which holds the whole body, is not its context
    if isinstance(envelope, str) and envelope.startswith(UNKNOWN_ACCOUNT):
        raise CrmKeysRefused(AUTHENTICATION_FAILED, method, CHECK_KEYS)
    if not isinstance(envelope, dict) or not ("result" in envelope or envelope.get("error")):
        raise CrmAway(unreadable)
    return envelope


def _result_of(envelope: Result, method: str) -> Result:
    result = envelope.get("result")
    if isinstance(result, dict):
        return result
    # PHP writes an empty map as []; a few methods answer with a bare list instead of a map with one key.
    return {method: result} if isinstance(result, list) and result else {}


def _write_result(given: object) -> WriteResult:
    if not isinstance(given, dict):
        return WriteResult(success=False, code=UNKNOWN_ERROR, message=text_of_code(UNKNOWN_ERROR))
    if _says_success(given):
        created = given.get("id")
        return WriteResult(success=True, id=None if created in (None, "") else str(created))
    code = _code_of(given.get("error"))
    return WriteResult(success=False, code=code, message=text_of_code(code))


def _says_success(given: Mapping[str, Any]) -> bool:
    return str(given.get("success")).lower() in ("true", "1")


def _code_of(error: object) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    try:
        return int(str(code))
    except ValueError:
        return UNKNOWN_ERROR


def _number_in(value: object) -> int | None:
    """A count, which the CRM writes as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
