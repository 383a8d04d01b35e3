"""Deeds of operators, as records."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.audit import Deed
from hookrouter.domain.operator import Door, Operator, Role
from hookrouter.wire.kept.moments import in_text
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_deed(deed: Deed) -> bytes:
    """A deed."""
    return write_values({**deed.summary(), "at": in_text(deed.at)})


def read_deed(record: bytes) -> Deed:
    """What `write_deed` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("deed"):
        return Deed(
            at=datetime.fromisoformat(values["at"]),
            by=Operator(
                name=str(values["by"]),
                role=Role(values["role"]),
                door=Door(values["door"]),
                address=str(values["address"]),
            ),
            act=str(values["act"]),
            of=str(values["of"]),
            result=str(values["result"]),
        )
