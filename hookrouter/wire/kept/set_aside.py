"""Dead letters and rejections as records."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.rejection import Rejection
from hookrouter.wire.kept.records import Reading, read_delivery, read_record, write_values


def read_dead_letter(record: bytes) -> DeadLetter:
    """A dead letter.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("dead letter"):
        return DeadLetter(
            delivery=read_delivery(write_values(values["delivery"])),
            reason=values["reason"],
            status=values["status"],
            answer=values["answer"],
            first_at=datetime.fromisoformat(values["first_at"]),
            last_at=datetime.fromisoformat(values["last_at"]),
        )


def write_rejection(rejection: Rejection) -> bytes:
    """A rejection, but for its name, under which it is kept."""
    return write_values(
        {
            "push": rejection.push,
            "source": rejection.source,
            "place": rejection.place,
            "at": rejection.at.isoformat(),
            "errors": rejection.errors,
            "lead": rejection.lead,
        }
    )


def read_rejection(rejection: str, record: bytes) -> Rejection:
    """The rejection of this name.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("rejection"):
        return Rejection(
            id=rejection,
            push=PushId(values["push"]),
            source=SourceName(values["source"]),
            place=values["place"],
            at=datetime.fromisoformat(values["at"]),
            errors=values["errors"],
            lead=values["lead"],
        )
