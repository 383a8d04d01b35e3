"""Reads who is alerted, and of what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hookrouter.config.model import AlertsConfig
from hookrouter.config.notice_sinks import NoticeSinks
from hookrouter.domain.ids import SinkName
from hookrouter.wire.config.faults import Fault
from hookrouter.wire.config.sink_schema import SinkSchema

SECTION = "alerts"


def alert_faults(
    sections: Mapping[str, object],
    sinks: Mapping[str, object],
    schemas: Mapping[str, type[SinkSchema]],
    fallbacks: Mapping[str, str],
) -> Iterator[Fault]:
    """What is wrong with the alerts, beside what their schema tells."""
    judge = NoticeSinks(
        written=sinks,
        schemas=schemas,
        fallbacks=fallbacks,
        section=SECTION,
        carries=lambda schema: schema.carries_alerts,
        nothing="no alerts",
    )
    written = sections.get(SECTION)
    if isinstance(written, dict):
        yield from judge.faults(written.get("to"))
        yield from _twice(written.get("on"))


def alerts_of(sections: Mapping[str, Any]) -> AlertsConfig | None:
    """The alerts as their schema loaded them."""
    loaded = sections.get(SECTION)
    if loaded is None:
        return None
    return AlertsConfig(to=tuple(map(SinkName, loaded["to"])), on=dict(loaded["on"]))


def _twice(on: object) -> Iterator[Fault]:
    """What is named again; with which time would it be?"""
    words: set[str] = set()
    for place, each in enumerate(on if isinstance(on, list) else ()):
        word = str(next(iter(each), "")) if isinstance(each, dict) else str(each)
        if word in words:
            yield Fault(path=(SECTION, "on", place), message=f"`{word}` stands twice here")
        words.add(word)
