"""Samples of the flow, as records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from hookrouter.domain.figures import Figure, Kind
from hookrouter.domain.flow_history import Counts, Minute, Reading, Sample
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.wire.kept import records
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.records import read_record, write_values

BETWEEN = "|"
"""No name of the configuration has it."""
COUNTED = ("pushes", "leads", "missed", "routed", "delivered", "late", "dead", "waiting")
"""The numbers of a minute, in the order of its record; another version adds its own behind them."""


def write_minute(minute: Minute) -> bytes:
    """A minute; there are many, so it is short."""
    numbers = [getattr(minute, name) for name in COUNTED]
    return write_values({"m": [round(minute.at.timestamp()), round(minute.seconds, 1), *numbers]})


def read_minute(record: bytes) -> Minute:
    """What `write_minute` wrote. Raises `Unreadable`."""
    with records.Reading("minute of the flow"):
        at, seconds, *numbers = read_record(record)["m"]
        counted = dict(zip(COUNTED, map(int, numbers), strict=False))
        return Minute(at=datetime.fromtimestamp(at, UTC), seconds=float(seconds), **counted)
    raise AssertionError  # the line above returns or raises


def write_sample(sample: Sample) -> bytes:
    """A sample."""
    return write_values(
        {
            "at": in_milliseconds(sample.at),
            "seconds": round(sample.seconds, 3),
            "counts": _written(sample.counts),
            "pushes": dict(sample.pushes),
            "waiting": dict(sample.waiting),
            "staged": sample.staged,
        }
    )


def read_sample(record: bytes) -> Sample:
    """What `write_sample` wrote. Raises `Unreadable`."""
    with records.Reading("sample of the flow"):
        values = read_record(record)
        return Sample(
            at=of_milliseconds(values["at"]),
            seconds=float(values["seconds"]),
            counts=_counts(values["counts"]),
            pushes={SourceName(name): int(count) for name, count in values["pushes"].items()},
            waiting={SinkName(name): int(count) for name, count in values["waiting"].items()},
            staged=int(values["staged"]),
        )
    raise AssertionError  # as above


def write_reading(reading: Reading) -> bytes:
    """What was read for a sample."""
    at = None if reading.at is None else in_milliseconds(reading.at)
    return write_values(
        {"at": at, "totals": {day.isoformat(): _written(counts) for day, counts in reading.totals.items()}}
    )


def read_reading(record: bytes) -> Reading:
    """What `write_reading` wrote. Raises `Unreadable`."""
    with records.Reading("reading of the figures"):
        values = read_record(record)
        return Reading(
            at=None if values["at"] is None else of_milliseconds(values["at"]),
            totals={date.fromisoformat(day): _counts(counts) for day, counts in values["totals"].items()},
        )
    raise AssertionError  # as above


def _written(counts: Mapping[Figure, int]) -> dict[str, int]:
    return {BETWEEN.join(figure[:-1]): count for figure, count in counts.items()}


def _counts(values: Mapping[str, Any]) -> Counts:
    """The counts; what another version counts besides is left out."""
    counts: Counts = Counter()
    for name, count in values.items():
        with suppress(ValueError):
            kind, route, sink, upto = name.split(BETWEEN)
            counts[Figure(Kind(kind), route, sink, upto)] += int(count)
    return counts
