"""What stands in Redis by the first words of its keys: how each record is read, and what it means as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from hookrouter.domain.ids import EntryId
from hookrouter.wire.kept import (
    alert_memory,
    assigning,
    claims,
    clocks,
    deeds,
    enriching,
    flow,
    living_message,
    logged_attempt,
    marks,
    pending,
    receipts,
    reconciled,
    records,
    remembered,
    sessions,
    set_aside,
    silences,
    standing,
    watched,
    written,
)

Reader = Callable[[bytes], Any]
STREAMS: Mapping[str, Callable[[str, bytes], Any]] = {
    "intake": lambda _, record: records.read_intake(record),
    "hydrate": lambda _, record: records.read_hydrating(record),
    "enrich": lambda _, record: enriching.read_enriching(record),
    "pending": lambda _, record: pending.read_pending(record),
    "assign": lambda _, record: assigning.read_assigning(record),
    **dict.fromkeys(("outbox", "again", "let-in", "shut"), lambda _, record: records.read_delivery(record)),
    "clicks": lambda _, record: claims.read_work(record),
    "attempts": lambda entry, record: logged_attempt.read_attempt(EntryId(entry), record),
    "decisions": lambda _, record: assigning.read_decision(record),
    "audit": lambda _, record: deeds.read_deed(record),
}
STRINGS: Mapping[str, Reader] = {
    "alerts": alert_memory.read_alert_memory,
    "before": remembered.read_before,
    "circuit": standing.read_circuit,
    "claim": claims.read_claim,
    "dead": set_aside.read_dead_letter,
    "living-message": living_message.read_living_message,
    "memberships": pending.read_memberships,
    "rejected": lambda record: set_aside.read_rejection("r", record),
    "session": sessions.read_session,
    "snapshot": remembered.read_snapshot,
    "team": assigning.read_team_state,
    "tide": standing.read_tide,
    "timeline": pending.read_timeline,
    "watched": watched.read_watched,
    "subscription": watched.read_subscription,
    "run": reconciled.read_run,
    "flow-totals": flow.read_reading,
    "sent-before": lambda record: receipts.read_receipt(record, duplicate=False),
}
VALUES: Mapping[str, Reader] = {
    "given": assigning.read_given,
    "pauses": standing.read_pause,
    "retry-records": records.read_delivery,
    "silences": silences.read_silence,
}
"""Hashes whose every value is a record."""
HASHES: Mapping[str, Callable[[Mapping[bytes, bytes]], Any]] = {
    "clock": clocks.read_clock,
    "marks": marks.read_marks,
    "push": lambda fields: [receipts.read_receipt(fields[n], duplicate=False) for n in (b"receipt",) if n in fields],
    "written": lambda fields: sorted(written.read_written(fields), key=lambda each: each.mark),
}


def word_of(key: str) -> str:
    """The first word behind the prefix."""
    return key.partition(" ")[0].partition(":")[2].partition(":")[0]


def read_all(keys: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each record with a name of its own, and what reads it."""
    for key, found in keys.items():
        word, held = word_of(key), found["holds"]
        match found["type"]:
            case "stream" if word in STREAMS:
                for entry, fields in held:
                    yield (
                        f"{key} {entry}",
                        _reading(STREAMS[word], entry, fields["r"].encode()),
                    )
            case "string" if word in STRINGS:
                yield key, _reading(STRINGS[word], held.encode())
            case "hash" if word in VALUES:
                for field, value in held.items():
                    yield f"{key} {field}", _reading(VALUES[word], value.encode())
            case "hash" if word in HASHES:
                yield (
                    key,
                    _reading(
                        HASHES[word],
                        {name.encode(): value.encode() for name, value in held.items()},
                    ),
                )


def _reading(read: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    return lambda: read(*given)


def meaning(value: Any) -> Any:
    """What a record says, as JSON: the names of attributes and what they hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: meaning(getattr(value, each.name)) for each in dataclasses.fields(value)}
    match value:
        case Enum():
            plain = value.value
        case timedelta():
            plain = value.total_seconds()
        case Mapping():
            plain = {str(name): meaning(each) for name, each in value.items()}
        case set() | frozenset():
            plain = sorted(map(meaning, value), key=str)
        case list() | tuple():
            plain = [meaning(each) for each in value]
        case None | bool() | int() | float() | str():
            plain = value
        case _:
            plain = str(value)
    return plain
