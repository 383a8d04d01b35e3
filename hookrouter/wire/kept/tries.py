"""The attempts that a delivery remembers, as values of its record."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.delivery import Try
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds


def write_try(attempt: Try) -> tuple[object, ...]:
    """An attempt."""
    at, seconds = in_milliseconds(attempt.at), None if attempt.seconds is None else round(attempt.seconds, 4)
    return at, seconds, attempt.outcome, attempt.reason, attempt.status, attempt.text


def read_try(values: Any) -> Try:
    """What `write_try` wrote; raises TypeError or ValueError for anything else."""
    at, seconds, outcome, reason, status, text = values
    if not isinstance(text, str):
        raise TypeError
    return Try(at=of_milliseconds(at), seconds=seconds, outcome=outcome, reason=reason, status=status, text=text)
