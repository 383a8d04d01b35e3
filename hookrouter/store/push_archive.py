"""The pushes as they came, looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import KeptPush, ListedPush, Push, Via
from hookrouter.ports.desk import Came, Page, WantedPushes
from hookrouter.store.index_look import IndexLook
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place, newest_first, place_of
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.receipts import read_receipt
from hookrouter.wire.kept.records import Unreadable, read_record

LISTED = ("source", "at", "receipt", "refused", "via")
"""What a list shows of a push, besides its size: bodies may have megabytes."""
MOST_LOOKED_AT = 2000
"""Pushes that are looked at for one page; then it says how far back it looked."""


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

    def look(self, wanted: WantedPushes, *, limit: int, after: str | None = None) -> Page[ListedPush]:
        """The pushes that are wanted behind a page's end, without their bodies."""
        look = IndexLook(
            server=self.server,
            index=self.keys.pushes(),
            most=MOST_LOOKED_AT,
            read=self.listed,
            is_wanted=lambda push: _is_wanted(push, wanted),
            since=wanted.since,
            until=wanted.until,
        )
        return look.newest(limit, after)

    def listed(self, places: Sequence[Place]) -> Iterator[tuple[Place, ListedPush]]:
        """Those that are there still, and of a format that this version can read."""
        keys = [self.keys.push(PushId(place.member)) for place in places]
        answers = iter(
            self.server.call_all(
                [command for key in keys for command in (("HMGET", key, *LISTED), ("HSTRLEN", key, "body"))]
            )
        )
        for place, values, size in zip(places, answers, answers, strict=True):
            with suppress(Unreadable, KeyError, ValueError):
                there = {name.encode(): value for name, value in zip(LISTED, values, strict=True) if value is not None}
                yield place, _listed(PushId(place.member), there, size)

    def bodies(self, pushes: Sequence[PushId]) -> Sequence[bytes | None]:
        """The bodies of these pushes."""
        return self.server.call_all([("HGET", self.keys.push(push), "body") for push in pushes])

    def find(self, push: str) -> KeptPush | None:
        """A push by its name, unless it is gone or of a format that this version cannot read."""
        flat = self.server.call("HGETALL", self.keys.push(PushId(push)))
        values = dict(flat) if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
        try:
            return _kept(PushId(push), values)
        except (Unreadable, KeyError, ValueError):
            return None


def _is_wanted(push: ListedPush, wanted: WantedPushes) -> bool:
    receipt = push.receipt
    came = Came.REFUSED if receipt is None else Came.IN_PART if receipt.rejected else Came.TAKEN
    return wanted.source in {None, push.source} and wanted.came in {None, came}


def _listed(name: PushId, values: Mapping[bytes, bytes], size: int) -> ListedPush:
    receipt = values.get(b"receipt")
    return ListedPush(
        id=name,
        source=SourceName(values[b"source"].decode()),
        received_at=datetime.fromtimestamp(float(values[b"at"]), UTC),
        size=size,
        receipt=None if receipt is None else read_receipt(receipt, duplicate=False),
        refused=values.get(b"refused", b"").decode(),
        via=Via(values.get(b"via", b"push").decode()),
    )


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
