"""Sizes and rates as people write them: `16MiB`, `4/s`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields

from hookrouter.wire.config.json_shapes import Shape, text

SIZES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
SMALLEST_SIZE = 1024
LARGEST_SIZE = 64 * 1024**2
HIGHEST_RATE = 1000
SIZE = r"([1-9][0-9]{0,8})(B|KiB|MiB|GiB)"
RATE = r"([1-9][0-9]{0,5})/(s|min|h)"
_SIZE = re.compile(SIZE)
_RATE = re.compile(RATE)
_SECONDS = {"s": 1, "min": 60, "h": 3600}


def read_size(text: str, largest: int = LARGEST_SIZE) -> int:
    """Read `16MiB` as a number of bytes.

    Raises:
        ValueError: when it is no size, or out of range.
    """
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError("give a size with its unit (B, KiB, MiB or GiB), such as 16MiB")
    size = int(found[1]) * SIZES[found[2]]
    if not SMALLEST_SIZE <= size <= largest:
        raise ValueError(f"give a size from 1KiB to {write_size(largest)}")
    return size


def write_size(size: int) -> str:
    """A size as `read_size` reads it, in the largest unit that fits it."""
    unit = next(unit for unit in reversed(SIZES) if size % SIZES[unit] == 0)
    return f"{size // SIZES[unit]}{unit}"


def read_rate(text: str) -> float:
    """Read `240/min` as a number a second.

    Raises:
        ValueError: when it is no rate, or out of range.
    """
    count, per = read_count(text)
    return count / per.total_seconds()


def read_count(text: str) -> tuple[int, timedelta]:
    """Read `20/min` as a number and the time that it is of.

    Raises:
        ValueError: when it is no rate, or out of range.
    """
    found = _RATE.fullmatch(text)
    if not found:
        raise ValueError("give a number a second, minute or hour, such as 4/s, 240/min or 5000/h")
    count, per = int(found[1]), timedelta(seconds=_SECONDS[found[2]])
    if count / per.total_seconds() > HIGHEST_RATE:
        raise ValueError(f"{HIGHEST_RATE}/s is the most")
    return count, per


class SizeField(fields.Field[int]):
    """A number of bytes."""

    def __init__(self, largest: int = LARGEST_SIZE, **settings: Any) -> None:
        super().__init__(**settings)
        self.largest = largest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002 - the library's signature
        try:
            return read_size(str(value), self.largest)
        except ValueError as fault:
            raise ValidationError(str(fault)) from None

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(SIZE, example="16MiB")


class RateField(fields.Field[float]):
    """A number a second."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:  # noqa: ARG002 - the library's signature
        try:
            return read_rate(str(value))
        except ValueError as fault:
            raise ValidationError(str(fault)) from None

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(RATE, example="4/s, 240/min or 5000/h")


class CountField(fields.Field[tuple[int, timedelta]]):
    """A number of times in so long a time."""

    def __init__(self, most: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, timedelta]:  # noqa: ARG002 - the library's signature
        try:
            count, per = read_count(str(value))
        except ValueError as fault:
            raise ValidationError(str(fault)) from None
        if count > self.most:
            raise ValidationError(f"{self.most} is the most")
        return count, per

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(RATE, example="20/min or 100/h")
