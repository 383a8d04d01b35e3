"""Dead letters and rejections, read back from their records."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.rejection import Rejection
from hookrouter.wire.records import Unreadable, read_delivery, read_record, write_values


def read_dead_letter(record: bytes) -> DeadLetter:
    """A dead letter.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    try:
        return DeadLetter(
            delivery=read_delivery(write_values(values["delivery"])),
            reason=values["reason"],
            status=values["status"],
            answer=values["answer"],
            first_at=datetime.fromisoformat(values["first_at"]),
            last_at=datetime.fromisoformat(values["last_at"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Unreadable("no dead letter") from None


def read_rejection(rejection: str, record: bytes) -> Rejection:
    """The rejection of this name.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    try:
        return Rejection(
            id=rejection,
            push=PushId(values["push"]),
            source=SourceName(values["source"]),
            place=values["place"],
            at=datetime.fromisoformat(values["at"]),
            errors=values["errors"],
            lead=values["lead"],
        )
    except (KeyError, TypeError, ValueError):
        raise Unreadable("no rejection") from None
