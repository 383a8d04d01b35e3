"""The times of an account: UTC in v1.2 of the API, the company's timezone in v1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.simulator.leads import TIME_FORMAT

TIMES = frozenset({"createTimestamp", "updateTimestamp", "__createTimestamp"})
GIVEN_TIMES = frozenset({"createTimestamp", "startDate", "endDate"})
MIDNIGHT = " 00:00:00"
DAY_ENDS = " 23:59:59"
DATE_LENGTH = len("2026-03-04")


def brought_to_utc(params: Any, zone: ZoneInfo) -> Any:
    """A call's params with the times in them brought from the company's timezone to UTC."""
    if isinstance(params, list):
        return [brought_to_utc(each, zone) for each in params]
    if not isinstance(params, dict):
        return params
    return {
        name: _to_utc(name, value, zone)
        if name in GIVEN_TIMES and isinstance(value, str)
        else brought_to_utc(value, zone)
        for name, value in params.items()
    }


def told_in_zone(result: Any, zone: ZoneInfo) -> Any:
    """An answer's rows with their times told in the company's timezone."""
    if isinstance(result, list):
        return [told_in_zone(each, zone) for each in result]
    if not isinstance(result, dict):
        return result
    return {
        name: _in_zone(value, zone) if name in TIMES and isinstance(value, str) else told_in_zone(value, zone)
        for name, value in result.items()
    }


def lead_in_zone(lead: Mapping[str, str | None], zone: ZoneInfo) -> dict[str, str | None]:
    """A lead with its times told in the company's timezone; fields of its own are not touched, as in the CRM."""
    return {name: _in_zone(value, zone) if name in TIMES and value else value for name, value in lead.items()}


def _to_utc(name: str, text: str, zone: ZoneInfo) -> str:
    whole = text if len(text) > DATE_LENGTH else text + (DAY_ENDS if name == "endDate" else MIDNIGHT)
    try:
        local = datetime.strptime(whole, TIME_FORMAT).replace(tzinfo=zone)
        return local.astimezone(UTC).strftime(TIME_FORMAT)
    except (ValueError, OverflowError):  # the method will refuse it
        return text


def _in_zone(text: str, zone: ZoneInfo) -> str:
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC).astimezone(zone).strftime(TIME_FORMAT)
    except (ValueError, OverflowError):
        return text
