"""Whom leads were given to, as records hold it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from hookrouter.domain.assignment import Assigned

NAMES = tuple(each.name for each in fields(Assigned))


def assigned_values(assigned: Assigned) -> dict[str, str]:
    """The values of a record, without those that are empty."""
    values = {name: getattr(assigned, name) for name in NAMES}
    return {name: value for name, value in values.items() if value or name == "owner"}


def assigned_of(values: Any) -> Assigned:
    """What `assigned_values` made.

    Raises:
        TypeError: it is something else.
    """
    known = {name: values[name] for name in NAMES if name in values}
    if not all(isinstance(value, str) for value in known.values()):
        raise TypeError
    return Assigned(**known)
