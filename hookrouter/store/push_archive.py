"""The pushes as they came, looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import KeptPush, Push, Via
from hookrouter.ports.desk import Page
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place, newest_first, place_of
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.receipts import read_receipt
from hookrouter.wire.kept.records import Unreadable, read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPushArchive:
    """The archive of pushes in Redis; see `ports.desk.PushArchive`."""

    server: RedisServer
    keys: Keys

    def list(self, *, limit: int, after: str | None = None) -> Page[KeptPush]:
        """The newest pushes behind a page's end."""
        found: list[tuple[Place, KeptPush]] = []
        for places in newest_first(self.server, self.keys.pushes(), place_of(after)):
            for place in places:
                if (push := self.find(place.member)) is not None:
                    found.append((place, push))
                if len(found) > limit:
                    return Page(found=[push for _, push in found[:limit]], end=str(found[limit - 1][0]))
        return Page(found=[push for _, push in found], end=None)

    def find(self, push: str) -> KeptPush | None:
        """A push by its name, unless it is gone or of a format that this version cannot read."""
        flat = self.server.call("HGETALL", self.keys.push(PushId(push)))
        values = dict(flat) if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
        try:
            return _kept(PushId(push), values)
        except (Unreadable, KeyError, ValueError):
            return None


def _kept(name: PushId, values: Mapping[bytes, bytes]) -> KeptPush:
    headers = read_record(values[b"headers"])
    receipt = values.get(b"receipt")
    return KeptPush(
        push=Push(
            id=name,
            source=SourceName(values[b"source"].decode()),
            received_at=datetime.fromtimestamp(float(values[b"at"]), UTC),
            body=values[b"body"],
            headers={name: value for name, value in headers.items() if name != "v"},
            via=Via(values.get(b"via", b"push").decode()),
        ),
        receipt=None if receipt is None else read_receipt(receipt, duplicate=False),
        refused=values.get(b"refused", b"").decode(),
    )
