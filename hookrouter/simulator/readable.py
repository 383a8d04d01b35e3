"""What may be written into a lead, and how it then stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookrouter.simulator.entities import typed, written_through_api
from hookrouter.simulator.lead_fields import (
    CUSTOM_FIELDS,
    IDS,
    LEAD_FIELDS,
    NULLABLE,
    READ_ONLY,
    STATUSES,
    SimulatedLead,
)
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.refusals import Refused
from hookrouter.simulator.written import Hand


def readable(given: Mapping[str, Any], hand: Hand, quirks: Quirks) -> SimulatedLead:
    """The writable fields of an object as text; unknown and read-only ones are passed over in silence.

    Raises:
        Refused: 205, 210 or 217 for a value that cannot be.
    """
    texts = {name: _text(name, value) for name, value in given.items() if name in LEAD_FIELDS and name not in READ_ONLY}
    if hand is Hand.TYPED and quirks.typed_is_encoded:
        return {name: text and typed(text, custom=name in CUSTOM_FIELDS) for name, text in texts.items()}
    if hand is Hand.API and quirks.less_than_is_encoded:
        return {name: text and written_through_api(text) for name, text in texts.items()}
    return texts


def _text(name: str, value: object) -> str | None:
    if isinstance(value, list | dict):
        raise Refused(210)
    if value is None:
        if name not in NULLABLE:
            raise Refused(205)
        return None
    text = str(int(value)) if isinstance(value, bool) else str(value)
    if name in IDS and not text.isdigit():
        raise Refused(205)
    if name == "leadStatus" and text not in STATUSES:
        raise Refused(217)
    return text
