"""Deliveries looked up: the log of their attempts, and where each of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import orjson

from hookrouter.domain.ids import EntryId, added_at
from hookrouter.domain.logged_attempt import LoggedAttempt, Whereabouts
from hookrouter.ports.desk import Page, Wanted
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.stream_looks import (
    before_moment,
    from_moment,
    newest_entries,
    oldest_entries,
    place_of_entry,
)
from hookrouter.store.whereabouts import ALL_THERE_ARE, WhereaboutsLook
from hookrouter.wire.kept.logged_attempt import read_attempt
from hookrouter.wire.kept.records import Unreadable

MOST_LOOKED_AT = 10_000
"""Entries of the log that are looked at for one page, some 2 to 7 µs each; then it says how far back it looked."""

Logged = Sequence[LoggedAttempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisDeliveries:
    """The deliveries in Redis; see `ports.desk.Deliveries`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def list(
        self,
        wanted: Wanted,
        *,
        lead: str | None = None,
        outcome: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LoggedAttempt]:
        """The attempts that are wanted, the newest first, behind a page's end."""
        newest = f"({after}" if place_of_entry(after) else before_moment(wanted.until)
        may_be = _may_be(wanted, lead, outcome)
        found: list[tuple[EntryId, LoggedAttempt]] = []
        entries = newest_entries(self.server, self.keys.attempts(), newest, from_moment(wanted.since))
        for looked_at, (entry, record) in enumerate(entries, start=1):
            # Most are passed over by a look at their bytes: reading one costs several times as much as fetching it.
            attempt = _attempt(entry, record) if may_be(record) else None
            if attempt is not None and _is_wanted(attempt, wanted, lead, outcome):
                if len(found) == limit:
                    return Page(found=[each for _, each in found], end=found[-1][0])
                found.append((entry, attempt))
            if looked_at == MOST_LOOKED_AT:
                return Page(found=[each for _, each in found], end=entry, looked_back_to=added_at(entry))
        return Page(found=[each for _, each in found], end=None)

    def attempts_of(self, delivery: str, *, since: datetime | None = None, most: int | None = None) -> Logged:
        """What the log holds of a delivery, the first attempt first."""
        log, name, most = self.keys.attempts(), delivery.encode(), most or ALL_THERE_ARE
        if since is None:
            entries = newest_entries(self.server, log, "+", "-")
        else:
            entries = oldest_entries(self.server, log, from_moment(since), most)
        read = [_attempt(entry, record) for entry, record in islice(entries, most) if name in record]
        found = [attempt for attempt in read if attempt is not None and attempt.delivery == delivery]
        return found if since is not None else found[::-1]

    def find(self, delivery: str, *, since: datetime | None = None, most: int | None = None) -> Whereabouts | None:
        """Where a delivery is; None if it is nowhere, or on its way between two places."""
        look = WhereaboutsLook(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            since=since,
            most=most or ALL_THERE_ARE,
        )
        return look.find([delivery]).get(delivery)


def _may_be(wanted: Wanted, lead: str | None, outcome: str | None) -> Callable[[bytes], bool]:
    """Whether the bytes of an entry may be those of one that is wanted; no, only if they are not."""
    texts = [orjson.dumps(text) for text in (wanted.sink, wanted.route, outcome) if text is not None]
    names = [] if lead is None else [orjson.dumps(name) for name in _names_of(lead)]

    def may_be(record: bytes) -> bool:
        return all(text in record for text in texts) and (not names or any(name in record for name in names))

    return may_be


def _names_of(lead: str) -> tuple[str, str]:
    """The keys that a lead may have, known by its id or its address."""
    return lead, f"email:{lead.strip().lower()}"


def _is_wanted(attempt: LoggedAttempt, wanted: Wanted, lead: str | None, outcome: str | None) -> bool:
    return (
        wanted.sink in {None, attempt.sink}
        and wanted.route in {None, attempt.route}
        and outcome in {None, attempt.came_to.outcome}
        and (lead is None or attempt.lead_key in _names_of(lead))
    )


def _attempt(entry: EntryId, record: bytes) -> LoggedAttempt | None:
    try:
        return read_attempt(entry, record)
    except Unreadable:
        return None
