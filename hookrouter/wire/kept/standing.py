"""How sinks stand, as records: circuits, pauses and the flow of messages."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.burst import Tide
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.ids import EntryId
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


def write_tide(tide: Tide) -> bytes:
    """The flow of a sink's messages."""
    return write_values(
        {
            "from": in_text(tide.window_from),
            "arrived": tide.arrived,
            "high": tide.is_high,
            "judged": tide.judged,
            "names": tide.names,
            "imports": tide.imports,
        }
    )


def read_tide(record: bytes) -> Tide:
    """What `write_tide` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("tide"):
        return Tide(
            window_from=of_text(values["from"]),
            arrived=int(values["arrived"]),
            is_high=bool(values["high"]),
            judged=None if values["judged"] is None else EntryId(values["judged"]),
            names=tuple(map(EntryId, values["names"])),
            imports=tuple(map(str, values["imports"])),
        )
