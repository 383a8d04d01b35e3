"""Silences, as records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from hookrouter.domain.ids import SinkName
from hookrouter.domain.silence import MOST_SILENCES, Listening, Silence
from hookrouter.wire.config.faults import Faults
from hookrouter.wire.kept.moments import in_text
from hookrouter.wire.kept.records import Reading, Unreadable, read_record, write_values
from hookrouter.wire.rules.language import read_match


def write_silence(silence: Silence) -> bytes:
    """A silence."""
    return write_values(
        {
            "id": silence.id,
            "match": silence.match,
            "sinks": silence.sinks,
            "by": silence.by,
            "reason": silence.reason,
            "since": in_text(silence.since),
            "until": in_text(silence.until),
        }
    )


def read_silence(record: bytes) -> Silence:
    """What `write_silence` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("silence"):
        return Silence(
            id=str(values["id"]),
            match=values["match"],
            sinks=tuple(SinkName(str(sink)) for sink in values["sinks"]),
            by=str(values["by"]),
            reason=str(values["reason"]),
            since=datetime.fromisoformat(values["since"]),
            until=datetime.fromisoformat(values["until"]),
        )


def listening(records: Iterable[bytes]) -> tuple[Listening, ...]:
    """The silences, ready to judge leads; one that cannot be read silences nothing."""
    return tuple(each for each in map(_listening, records) if each is not None)


@lru_cache(maxsize=2 * MOST_SILENCES)
def _listening(record: bytes) -> Listening | None:
    try:
        silence = read_silence(record)
        return Listening(silence, *read_match(silence.match, ("match",)))
    except (Unreadable, Faults):
        return None
