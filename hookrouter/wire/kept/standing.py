"""How sinks stand, as records: circuits and pauses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.pause import Pause
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_circuit(circuit: Circuit) -> bytes:
    """A circuit."""
    return write_values(
        {
            "failures": circuit.failures,
            "from": _text(circuit.window_from),
            "tried": circuit.tried,
            "failed": circuit.failed,
            "trips": circuit.trips,
            "opened": _text(circuit.opened_at),
            "until": _text(circuit.until),
            "waits_from": _text(circuit.waits_from),
            "reason": circuit.reason,
        }
    )


def read_circuit(record: bytes) -> Circuit:
    """What `write_circuit` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("circuit"):
        return Circuit(
            failures=int(values["failures"]),
            window_from=_moment(values["from"]),
            tried=int(values["tried"]),
            failed=int(values["failed"]),
            trips=int(values["trips"]),
            opened_at=_moment(values["opened"]),
            until=_moment(values["until"]),
            waits_from=_moment(values.get("waits_from")),
            reason=str(values["reason"]),
        )


def write_pause(pause: Pause) -> bytes:
    """A pause."""
    return write_values(
        {"by": pause.by, "reason": pause.reason, "since": _text(pause.since), "until": _text(pause.until)}
    )


def read_pause(record: bytes) -> Pause:
    """What `write_pause` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("pause"):
        return Pause(
            by=str(values["by"]),
            reason=str(values["reason"]),
            since=datetime.fromisoformat(values["since"]),
            until=_moment(values["until"]),
        )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
