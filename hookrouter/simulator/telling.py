"""How much of a changed lead goes into a push."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.simulator.lead_fields import IDS, NUMBERS
from hookrouter.simulator.ledger import Noted
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.shapes import Coverage
from hookrouter.simulator.zones import lead_in_zone

ALWAYS = frozenset({"id", "updateTimestamp"})


def told(noted: Noted, pushing: Pushing, quirks: Quirks) -> dict[str, Any]:
    """The lead as it stood after the change, or what of it is pushed."""
    lead = lead_in_zone(noted.lead, ZoneInfo(quirks.zone)) if quirks.pushes_in_zone else noted.lead
    match pushing.coverage:
        case Coverage.CHANGED:
            lead = {name: value for name, value in lead.items() if name in ALWAYS or name in noted.written.changed}
        case Coverage.IDS:
            lead = {"id": lead["id"]}
    return {name: _number(name, value) for name, value in lead.items()} if pushing.numbers else lead


def _number(name: str, value: str | None) -> str | int | None:
    return int(value) if value and (name == "id" or name in IDS or name in NUMBERS) and value.isdecimal() else value
