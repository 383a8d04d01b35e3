"""The names of timezones."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import ValidationError, fields

from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape, text


class ZoneField(fields.Field[ZoneInfo]):
    """The name of a timezone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> ZoneInfo:  # noqa: ARG002 - the library's signature
        try:
            return read_zone(value if isinstance(value, str) else str(value))
        except ValueError as fault:
            raise ValidationError(str(fault)) from None

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text()


def read_zone(written: str) -> ZoneInfo:
    """The timezone of a name, as in America/New_York.

    Raises:
        ValueError: there is none; the text says which may be meant.
    """
    if written in _zones():
        return ZoneInfo(written)
    told = f"there is no timezone `{written}`: give the name of one, such as America/New_York"
    raise ValueError(f"{told}{_nearest(written)}")


def _nearest(written: str) -> str:
    """The zone that is spelt so but for its capitals, that of a city alone, or the most like it."""
    small = written.strip().lower().replace(" ", "_")
    if not small:
        return ""
    for zone in sorted(_zones()):
        if zone.lower() == small or zone.lower().endswith(f"/{small}"):
            return f" (did you mean {zone}?)"
    return did_you_mean(written, sorted(_zones()))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
