"""Problem answers (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from hookrouter.domain.lead import Json
from hookrouter.wire.problem import PROBLEM_TYPE, write_problem


def problem(
    status: int, detail: str, title: str | None = None, *, errors: Mapping[str, Json] | None = None
) -> Response:
    """An error as the sender's program and its author can read it."""
    return Response(write_problem(status, detail, title, errors), status=status, content_type=PROBLEM_TYPE)
