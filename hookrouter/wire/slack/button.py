"""What a button of ours carries: which lead it is about, and where its message is remembered."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from hookrouter.domain.ids import LeadKey, SinkName, SourceName

ACTION = "hookrouter_claim"
"""The button's name, by which its clicks are known among those of other buttons."""
LONGEST_VALUE = 2000
"""https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonValue:
    """What a button stands for; `place` is the channel as the configuration names it."""

    sink: SinkName
    source: SourceName
    lead: LeadKey
    place: str


def write_button(value: ButtonValue) -> str:
    """What the button carries; '' where it is more than a button can."""
    written = orjson.dumps([value.sink, value.source, value.lead, value.place]).decode()
    return written if len(written) <= LONGEST_VALUE else ""


def read_button(text: str) -> ButtonValue | None:
    """What a button stands for; None if it is none of ours."""
    try:
        parts = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return None
    match parts:
        case [sink, source, lead, place]:
            return ButtonValue(sink=SinkName(sink), source=SourceName(source), lead=LeadKey(lead), place=place)
    return None
