"""Errors as a machine reads them: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson

from hookrouter.domain.lead import Json

PROBLEM_TYPE = "application/problem+json"


def write_problem(
    status: int, detail: str, title: str | None = None, errors: Mapping[str, Json] | None = None
) -> bytes:
    """A problem's body; `type` is left out, which means about:blank: the status says what kind it is.

    `errors` says what is wrong with which part of a question.
    """
    more = {} if errors is None else {"errors": errors}
    written = {"title": title or HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return orjson.dumps(written, option=orjson.OPT_NON_STR_KEYS)
