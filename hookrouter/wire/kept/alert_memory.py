"""What is remembered of what is wrong, from one look to the next, as a record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hookrouter.domain.alert import AlertKind, AlertMemory, Known, Underway
from hookrouter.domain.ids import DeliveryId, SinkName
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.records import Reading, Unreadable, read_record, write_values

NOTHING = AlertMemory()


def write_alert_memory(memory: AlertMemory) -> bytes:
    """What is remembered, as a record."""
    return write_values(
        {
            "looked": _moment(memory.looked_at),
            "known": [_known_values(known) for known in memory.known],
            "underway": [(each.delivery, each.sink, in_milliseconds(each.told_at)) for each in memory.underway],
        }
    )


def read_alert_memory(record: bytes | None) -> AlertMemory:
    """What `write_alert_memory` wrote; of what is unreadable nothing: at worst something is told twice."""
    if not record:
        return NOTHING
    try:
        values = read_record(record)
        with Reading("memory of alerts"):
            return AlertMemory(
                looked_at=_read_moment(values["looked"]),
                known=[_known(each) for each in values["known"]],
                underway=[
                    Underway(delivery=DeliveryId(_text(name)), sink=SinkName(_text(sink)), told_at=of_milliseconds(at))
                    for name, sink, at in values.get("underway", ())
                ],
            )
    except Unreadable:
        return NOTHING


def _known_values(known: Known) -> dict[str, object]:
    return {
        "kind": known.kind.value,
        "about": known.about,
        "since": _moment(known.since),
        "seen": _moment(known.seen_at),
        "title": known.title,
        "over": known.over,
        "told": _moment(known.told_at),
        "size": known.told_size,
        "well": _moment(known.well_since),
    }


def _known(values: Any) -> Known:
    return Known(
        kind=AlertKind(values["kind"]),
        about=_text(values["about"]),
        since=of_milliseconds(values["since"]),
        seen_at=of_milliseconds(values["seen"]),
        title=_text(values["title"]),
        over=_text(values["over"]),
        told_at=_read_moment(values["told"]),
        told_size=int(values["size"]),
        well_since=_read_moment(values["well"]),
    )


def _moment(moment: datetime | None) -> int | None:
    return None if moment is None else in_milliseconds(moment)


def _read_moment(value: Any) -> datetime | None:
    return None if value is None else of_milliseconds(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
