"""The names of things, each a type of its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NewType

PushId = NewType("PushId", str)
"""One webhook call: `p_` and 24 hex digits that sort by time."""

LeadKey = NewType("LeadKey", str)
"""Who a lead is within its source: the CRM's id, or `email:` and the address in lower case."""

DeliveryId = NewType("DeliveryId", str)
"""One lead for one sink by one route: `d_` and 32 hex digits, the same after every crash and in every replay."""

SourceName = NewType("SourceName", str)
RouteName = NewType("RouteName", str)
TeamName = NewType("TeamName", str)
Who = tuple[SourceName, LeadKey]
"""Who a lead is anywhere: two accounts may give two leads the same id."""

SinkName = NewType("SinkName", str)
EntryId = NewType("EntryId", str)
"""Where an entry stands in its stream, as Redis writes it: `<ms>-<n>`."""


def added_at(entry: EntryId) -> datetime:
    """When an entry was added, by the server's clock."""
    return datetime.fromtimestamp(int(entry.partition("-")[0]) / 1000, UTC)


_WITH_MOMENT = re.compile(r"[a-z]+_([0-9a-f]{12})[0-9a-f]{12}", re.ASCII)


def made_at(name: str) -> datetime | None:
    """When a push was named; None for what is no name of one."""
    found = _WITH_MOMENT.fullmatch(name)
    try:
        return None if found is None else datetime.fromtimestamp(int(found[1], 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
