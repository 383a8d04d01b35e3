"""The params of a call, read as leniently as the CRM reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hookrouter.simulator.lead_fields import SimulatedLead
from hookrouter.simulator.refusals import Refused

LARGEST_PAGE = 500
LARGEST_WRITE = 500
LONGEST_NUMBER = 18  # digits

Params = Mapping[str, Any]


def where_of(params: Params, *, required: bool = True) -> Params:
    """The conditions; PHP writes an empty map as a list."""
    where = params.get("where")
    if where is None and required:
        raise Refused(206)
    if where in (None, []):
        return {}
    if not isinstance(where, dict):
        raise Refused(205)
    return where


def objects_of(params: Params) -> list[Any]:
    """The objects of a write."""
    objects = params.get("objects")
    if objects is None:
        raise Refused(207)
    if not isinstance(objects, list):
        raise Refused(208)
    if len(objects) > LARGEST_WRITE:
        raise Refused(209)
    return objects


def number_of(params: Params, name: str, default: int) -> int:
    """A number, also when it comes as text."""
    value = params.get(name)
    if value in (None, ""):
        return default
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > LONGEST_NUMBER:
        raise Refused(205)
    return int(str(value))


def page_of(params: Params, rows: list[Any], most: int | None = LARGEST_PAGE) -> list[Any]:
    """The rows of one page; asking for more than the most gives the most, in silence."""
    limit = number_of(params, "limit", LARGEST_PAGE)
    offset = number_of(params, "offset", 0)
    return rows[offset : offset + (limit if most is None else min(limit, most))]


def only_fields(params: Params, leads: Iterable[SimulatedLead]) -> list[SimulatedLead]:
    """The leads with the fields that were asked for, in the CRM's order."""
    wanted = params.get("fields")
    if not wanted:
        return [dict(lead) for lead in leads]
    if not isinstance(wanted, list):
        raise Refused(205)
    return [{name: value for name, value in lead.items() if name in wanted} for lead in leads]
