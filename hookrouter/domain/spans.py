"""Spans of time as people read them."""

from __future__ import annotations

from datetime import timedelta


def span_in_words(seconds: float) -> str:
    """Such as `40 s`, `3 min`, `5 h` or `2 d`: in the largest unit of which there are two."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def ago(age: timedelta) -> str:
    """Such as `3 min ago`; a clock that runs ahead makes nothing younger than now."""
    return f"{span_in_words(max(0.0, age.total_seconds()))} ago"
