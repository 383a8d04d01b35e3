"""What runs of reconcile left in Redis, for those who only look."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from hookrouter.domain.ids import SourceName
from hookrouter.domain.reconciling import ReconcileRun
from hookrouter.domain.sweeping import Swept
from hookrouter.ports.reconciling import Reconciled
from hookrouter.store.keys import Keys
from hookrouter.store.reconciling import DOUBT, DUE, MARK, SWEEP, SWEPT
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.reconciled import read_run, read_swept
from hookrouter.wire.kept.records import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisReconcileLog:
    """The log in Redis; see `ports.reconciling.ReconcileLog`."""

    server: RedisServer
    keys: Keys

    def of(self, source: SourceName, most: int) -> Reconciled:
        """What is remembered of a source; runs that cannot be read are left out."""
        named, records = self.server.call_all(
            [("HGETALL", self.keys.reconcile(source)), ("LRANGE", self.keys.reconciled(source), 0, most - 1)]
        )
        fields: Mapping[str, bytes] = {name.decode(): value for name, value in named.items()}
        runs: list[ReconcileRun] = []
        for record in records:
            with suppress(Unreadable):
                runs.append(read_run(record))
        return Reconciled(
            runs=runs,
            accounted=_moment(fields, MARK),
            due=_moment(fields, DUE),
            sweep_due=_moment(fields, SWEEP),
            swept=_swept(fields.get(SWEPT)),
            doubt=fields.get(DOUBT, b"").decode("utf-8", "replace"),
        )


def _moment(fields: Mapping[str, bytes], name: str) -> datetime | None:
    found = fields.get(name)
    return None if found is None else datetime.fromtimestamp(float(found), UTC)


def _swept(record: bytes | None) -> Swept | None:
    with suppress(Unreadable):
        return None if record is None else read_swept(record)
    return None
