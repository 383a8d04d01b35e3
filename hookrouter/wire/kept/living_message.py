"""The record by which a lead's message in a chat is remembered."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.ids import DeliveryId
from hookrouter.domain.living_message import LivingMessage
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_living_message(message: LivingMessage) -> bytes:
    """A message as it is kept."""
    return write_values(
        {
            "channel": message.channel,
            "ts": message.ts,
            "told": message.told,
            "at": message.at.isoformat(),
            "shown": dict(message.shown),
            "of": None if message.of is None else message.of.isoformat(),
        }
    )


def read_living_message(record: bytes) -> LivingMessage:
    """The message that was kept.

    Raises:
        Unreadable: it was written otherwise.
    """
    values = read_record(record)
    with Reading("living message"):
        of = values.get("of")
        return LivingMessage(
            channel=str(values["channel"]),
            ts=str(values["ts"]),
            told=DeliveryId(values["told"]),
            at=datetime.fromisoformat(values["at"]),
            shown=dict(values.get("shown", {})),
            of=None if of is None else datetime.fromisoformat(of),
        )
