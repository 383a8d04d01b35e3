"""What runs of reconcile found, as records."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from statistics import median

from hookrouter.domain.reconciling import PushTrust, ReconcileRun, ReconcileTally
from hookrouter.domain.sweeping import Swept
from hookrouter.wire.kept.records import Reading, Unreadable, read_record, write_values


def write_run(tally: ReconcileTally, at: datetime) -> bytes:
    """A run that ended at a moment."""
    return write_values(
        {
            "at": round(at.timestamp()),
            "known": tally.known,
            "missed": tally.missed,
            "lag": tally.lag,
            "whole": tally.is_whole,
            "contradicted": tally.is_contradicted,
            "calls": tally.calls,
        }
    )


def read_run(record: bytes) -> ReconcileRun:
    """One run. Raises `Unreadable`."""
    with Reading("run"):
        run = read_record(record)
        return ReconcileRun(
            at=datetime.fromtimestamp(run["at"], UTC),
            known=int(run["known"]),
            missed=int(run["missed"]),
            lag=None if run["lag"] is None else float(run["lag"]),
            is_whole=bool(run["whole"]),
            is_contradicted=bool(run.get("contradicted")),
            calls=run.get("calls"),
        )
    raise AssertionError  # the line above returns or raises


def write_swept(swept: Swept) -> bytes:
    """What a whole sweep found."""
    return write_values({"at": round(swept.at.timestamp()), "known": swept.known, "gone": swept.gone})


def read_swept(record: bytes) -> Swept:
    """What `write_swept` wrote. Raises `Unreadable`."""
    with Reading("sweep"):
        values = read_record(record)
        return Swept(at=datetime.fromtimestamp(values["at"], UTC), known=int(values["known"]), gone=int(values["gone"]))
    raise AssertionError  # as above


def read_runs(records: Iterable[bytes], since: datetime) -> PushTrust:
    """What the runs since a moment found together, the newest first; what cannot be read counts for nothing."""
    known = missed = contradicted = 0
    is_newest = True
    lags: list[float] = []
    last: float | None = None
    for record in records:
        with suppress(Unreadable), Reading("run"):
            run = read_record(record)
            last = run["at"] if last is None and run["whole"] else last
            is_newest = is_newest and not run["known"] + run["missed"]
            contradicted += is_newest and bool(run.get("contradicted"))
            if run["at"] >= since.timestamp():
                known, missed = known + run["known"], missed + run["missed"]
                lags += [] if run["lag"] is None else [run["lag"]]
    return PushTrust(
        changes=known + missed,
        missed=missed,
        lag=median(lags) if lags else None,
        contradicted=contradicted,
        last_run=None if last is None else datetime.fromtimestamp(last, UTC),
    )
