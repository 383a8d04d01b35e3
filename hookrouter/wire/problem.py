"""Errors as a machine reads them: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

import orjson

PROBLEM_TYPE = "application/problem+json"


def write_problem(status: int, detail: str, title: str | None = None) -> bytes:
    """A problem's body; `type` is left out, which means about:blank: the status says what kind it is."""
    return orjson.dumps({"title": title or HTTPStatus(status).phrase, "status": status, "detail": detail})
