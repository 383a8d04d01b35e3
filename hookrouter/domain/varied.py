"""Copies of frozen dataclasses with some fields changed, for what is copied at every delivery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")


def varied(record: Record, **changes: object) -> Record:
    """As `dataclasses.replace`, in half of its time: for dataclasses with slots and without `__post_init__`."""
    kind = type(record)
    copy = object.__new__(kind)
    for read, write in _slots(kind):  # type: ignore[arg-type]  # a class is hashable
        write(copy, read(record))
    for name, value in changes.items():
        object.__setattr__(copy, name, value)
    return copy


@cache
def _slots(kind: type) -> Sequence[tuple[Callable[[Any], object], Callable[[Any, object], None]]]:
    slots = [vars(kind)[field.name] for field in fields(kind)]
    return [(slot.__get__, slot.__set__) for slot in slots]
