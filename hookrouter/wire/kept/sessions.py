"""Sessions of operators, as records."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.operator import Role
from hookrouter.domain.session import Session
from hookrouter.wire.kept.moments import in_text
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_session(session: Session) -> bytes:
    """A session."""
    return write_values(
        {
            "name": session.name,
            "role": session.role.value,
            "csrf": session.csrf,
            "family": session.family,
            "proof": session.proof,
            "made_at": in_text(session.made_at),
            "until": in_text(session.until),
            "is_former": session.is_former,
        }
    )


def read_session(record: bytes) -> Session:
    """What `write_session` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("session"):
        return Session(
            name=str(values["name"]),
            role=Role(values["role"]),
            csrf=str(values["csrf"]),
            family=str(values.get("family", "")),
            proof=str(values["proof"]),
            made_at=datetime.fromisoformat(values["made_at"]),
            until=datetime.fromisoformat(values["until"]),
            is_former=bool(values.get("is_former", False)),
        )
