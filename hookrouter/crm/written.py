"""Values written as the CRM takes them (crm-api 3.2, 4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from hookrouter.domain.account_times import AccountTimes
from hookrouter.domain.lead import CREATED_FIELD, CRM_TIME_FORMAT, UPDATED_FIELD

TAKES_NULL = frozenset({"accountID", "ownerID", "campaignID", "isUnsubscribed", "active"})
"""Fields that are emptied by null, and refuse ''; all others the other way round."""
OWN_TIMES = frozenset({CREATED_FIELD, UPDATED_FIELD})
"""Times that the CRM tells in the account's zone; those of custom fields it leaves as they are."""


def as_written(given: Mapping[str, Any], times: AccountTimes) -> dict[str, Any]:
    """An object of a write, whose values may also be bool, None, '', aware datetime, date, and lists of choices.

    Raises:
        ValueError: a datetime without a zone, of which nobody knows which moment it means.
    """
    return {name: _value(name, value, times) for name, value in given.items()}


def _value(name: str, value: Any, times: AccountTimes) -> Any:
    match value:
        case None | "":
            return None if name in TAKES_NULL else ""
        case bool():
            return "1" if value else "0"
        case datetime(tzinfo=None):
            raise ValueError(f"{name}: give a datetime with a timezone, such as datetime.now(UTC)")
        case datetime():
            return times.written(value) if name in OWN_TIMES else value.astimezone(UTC).strftime(CRM_TIME_FORMAT)
        case date():
            return value.isoformat()
        case list() | tuple():
            return ",".join(str(each) for each in value)
        case _:
            return value
