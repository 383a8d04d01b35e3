"""The record by which a lead's message in a chat is remembered."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.ids import DeliveryId
from hookrouter.domain.living_message import LivingMessage
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_living_message(message: LivingMessage, whose: str) -> bytes:
    """A message as it is kept; `whose` is a digest of its lead, by which that is found when it is to be forgotten."""
    return write_values(
        {
            "whose": whose,
            "channel": message.channel,
            "ts": message.ts,
            "told": message.told,
            "at": message.at.isoformat(),
            "shown": dict(message.shown),
            "of": _written(message.of),
            "updated": _written(message.updated),
        }
    )


def read_living_message(record: bytes) -> LivingMessage:
    """The message that was kept.

    Raises:
        Unreadable: it was written otherwise.
    """
    values = read_record(record)
    with Reading("living message"):
        return LivingMessage(
            channel=str(values["channel"]),
            ts=str(values["ts"]),
            told=DeliveryId(values["told"]),
            at=datetime.fromisoformat(values["at"]),
            shown=dict(values.get("shown", {})),
            of=_read(values.get("of")),
            updated=_read(values.get("updated")),
        )


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _read(moment: str | None) -> datetime | None:
    return None if moment is None else datetime.fromisoformat(moment)


def whose_message(record: bytes) -> tuple[str, str]:
    """Of whose lead it is, '' in what an earlier version wrote; and the delivery that it told last.

    Raises:
        Unreadable: it was written otherwise.
    """
    values = read_record(record)
    with Reading("living message"):
        return str(values.get("whose", "")), str(values["told"])
