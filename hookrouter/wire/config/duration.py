"""Durations as people write them: `15m`, `1h30m`, `3d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields

from hookrouter.wire.config.json_shapes import Shape, text

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}
_PART = re.compile(r"(\d{1,9})(ms|[dhms])")
DURATION = r"(?:\d{1,9}(?:ms|[dhms]))+"
_WHOLE = re.compile(DURATION)
LONGEST = timedelta(days=3660)


def read_duration(text: str) -> timedelta:
    """Read `1h30m`.

    Raises:
        ValueError: when it is no duration; a bare number is none, for nobody can tell its unit.
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no duration: give a number with a unit, such as 15m, 1h30m or 3d")
    duration = timedelta()
    for amount, unit in _PART.findall(text):
        duration += timedelta(**{UNITS[unit]: int(amount)})
    if duration > LONGEST:
        raise ValueError(f"{text!r} is longer than ten years")
    return duration


def write_duration(duration: timedelta) -> str:
    """The shortest spelling that `read_duration` reads back."""
    milliseconds = round(duration.total_seconds() * 1000)
    text = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        amount, milliseconds = divmod(milliseconds, size)
        text += f"{amount}{unit}" if amount else ""
    return text or "0s"


class DurationField(fields.Field[timedelta]):
    """A duration above zero, from `least` up to `most`."""

    def __init__(self, most: timedelta = LONGEST, *, least: timedelta = timedelta(), **settings: Any) -> None:
        super().__init__(**settings)
        self.least = least
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta:  # noqa: ARG002 - the library's signature
        try:
            duration = read_duration(str(value))
        except ValueError as fault:
            raise ValidationError(str(fault)) from None
        if not duration and not self.least:
            raise ValidationError("a duration above zero is needed")
        if duration < self.least:
            raise ValidationError(f"a duration of at least {write_duration(self.least)} is needed")
        if duration > self.most:
            raise ValidationError(f"a duration of at most {write_duration(self.most)} is needed")
        return duration

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(DURATION, example="15m, 1h30m or 3d")
