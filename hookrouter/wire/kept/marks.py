"""The marks of routes with `once`, as records: `<ms>:<place>:<push>`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from hookrouter.domain.ids import PushId
from hookrouter.domain.once import Mark


def write_mark(mark: Mark) -> str:
    """A mark."""
    return f"{round(mark.at.timestamp() * 1000)}:{mark.place}:{mark.push}"


def read_marks(found: Mapping[bytes, bytes]) -> dict[str, Mark]:
    """What `write_mark` wrote, by name; one that cannot be read holds nothing back."""
    marks: dict[str, Mark] = {}
    for name, record in found.items():
        with suppress(ValueError, OverflowError, OSError):
            at, place, push = record.decode().split(":", 2)
            moment = datetime.fromtimestamp(int(at) / 1000, UTC)
            marks[name.decode()] = Mark(push=PushId(push), place=int(place), at=moment)
    return marks
