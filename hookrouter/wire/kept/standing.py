"""How sinks stand, as records: circuits and pauses."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.pause import Pause
from hookrouter.wire.kept.moments import in_text, of_text
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_circuit(circuit: Circuit) -> bytes:
    """A circuit."""
    return write_values(
        {
            "failures": circuit.failures,
            "from": in_text(circuit.window_from),
            "tried": circuit.tried,
            "failed": circuit.failed,
            "trips": circuit.trips,
            "opened": in_text(circuit.opened_at),
            "until": in_text(circuit.until),
            "waits_from": in_text(circuit.waits_from),
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
            window_from=of_text(values["from"]),
            tried=int(values["tried"]),
            failed=int(values["failed"]),
            trips=int(values["trips"]),
            opened_at=of_text(values["opened"]),
            until=of_text(values["until"]),
            waits_from=of_text(values.get("waits_from")),
            reason=str(values["reason"]),
        )


def write_pause(pause: Pause) -> bytes:
    """A pause."""
    return write_values(
        {"by": pause.by, "reason": pause.reason, "since": in_text(pause.since), "until": in_text(pause.until)}
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
            until=of_text(values["until"]),
        )
