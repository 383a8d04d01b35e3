"""The dead letters: looked at, replayed, dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.lead import Fields
from hookrouter.ports.desk import Page, Portion, Wanted
from hookrouter.store.index_look import IndexLook
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Filled, Known, Layouts
from hookrouter.store.newest_first import Place
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import place_for
from hookrouter.wire.kept.records import Unreadable, write_delivery
from hookrouter.wire.kept.set_aside import read_dead_letter

MOST_LOOKED_AT = 1_000
"""Letters that one look goes through; each may be a few kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisDeadLetters:
    """The dead letters in Redis; see `ports.desk.DeadLetters`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def list(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[DeadLetter]:
        """The letters that are wanted, the newest first, behind a page's end, as far back as one look goes."""
        return self._look(wanted).newest(limit, after)

    def oldest(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Portion[DeadLetter]:
        """The letters that are wanted, the oldest first, of some thousand at most."""
        return self._look(wanted).oldest(limit, after)

    def find(self, delivery: str) -> DeadLetter | None:
        """The letter of a delivery, unless it is gone or of a format that this version cannot read."""
        record = self.server.call("GET", self.keys.dead_letter(delivery))
        return _letter(record)

    def replay(self, delivery: str, lead: Fields | None = None) -> bool:
        """Put a letter back into its outbox as if never tried, perhaps with another lead; False if it is gone."""
        record = self.server.call("GET", self.keys.dead_letter(delivery))
        letter = _letter(record)
        if letter is None:
            return False
        dead = letter.delivery
        again = replace(dead, attempts=0, first_attempt_at=None, lead=dead.lead if lead is None else lead)
        kept = [self.keys.dead_letter(delivery), self.keys.dead_letters()]

        def fill(known: Known) -> Filled:
            keys = [*kept, place_for(self.keys, known.layout, again), self.keys.outboxes(), self.layouts.key]
            return keys, [record, delivery, write_delivery(again), again.sink, known.text]

        return bool(self.layouts.run(self.server, "replay", fill))

    def drop(self, delivery: str) -> bool:
        """Forget a letter for good; False if it is gone."""
        dropped, _ = self.server.transaction(
            [("DEL", self.keys.dead_letter(delivery)), ("ZREM", self.keys.dead_letters(), delivery)]
        )
        return bool(dropped)

    def _look(self, wanted: Wanted) -> IndexLook[DeadLetter]:
        return IndexLook(
            server=self.server,
            index=self.keys.dead_letters(),
            most=MOST_LOOKED_AT,
            read=self._read,
            is_wanted=lambda letter: _is_wanted(letter, wanted),
            since=wanted.since,
            until=wanted.until,
        )

    def _read(self, places: Sequence[Place]) -> Sequence[tuple[Place, DeadLetter]]:
        records = self.server.call("MGET", *(self.keys.dead_letter(place.member) for place in places))
        read = [(place, _letter(record)) for place, record in zip(places, records, strict=True)]
        return [(place, letter) for place, letter in read if letter is not None]


def _is_wanted(letter: DeadLetter, wanted: Wanted) -> bool:
    return (
        wanted.sink in {None, letter.delivery.sink}
        and wanted.route in {None, letter.delivery.route}
        and wanted.reason in {None, letter.reason}
    )


def _letter(record: bytes | None) -> DeadLetter | None:
    if record is None:
        return None
    try:
        return read_dead_letter(record)
    except Unreadable:
        return None
