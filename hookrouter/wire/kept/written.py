"""What we wrote to a lead at the CRM, as the fields of a record: `<digest>:<name>` with `<ms>:<value in JSON>`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import orjson

from hookrouter.domain.lead import Json, text_of
from hookrouter.domain.own_writes import Written


def write_written(name: str, value: Json, at: datetime) -> tuple[str, bytes]:
    """A field of a lead; each value has a mark of its own, so that what is written next does not undo it."""
    return mark_of(name, value), f"{round(at.timestamp() * 1000)}:".encode() + orjson.dumps(value)


def mark_of(name: str, value: Json) -> str:
    """By which a written value is known."""
    return f"{hashlib.sha256(text_of(value).encode()).hexdigest()[:12]}:{name}"


def read_written(found: Mapping[bytes, bytes]) -> list[Written]:
    """What `write_written` wrote; what cannot be read was not written."""
    written: list[Written] = []
    for mark, record in found.items():
        with suppress(ValueError, OverflowError, OSError):
            at, _, value = record.partition(b":")
            moment = datetime.fromtimestamp(int(at) / 1000, UTC)
            name = mark.decode()
            written.append(Written(mark=name, name=name.partition(":")[2], value=orjson.loads(value), at=moment))
    return written
