"""Deliveries looked up: the log of their attempts, and where each of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.handing import Assigning
from hookrouter.domain.ids import EntryId, RouteName, SinkName, added_at
from hookrouter.domain.logged_attempt import LoggedAttempt, State, Whereabouts
from hookrouter.ports.desk import Page, Wanted
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import BEHIND
from hookrouter.store.standing import ROUTE, pauses_of
from hookrouter.store.stream_looks import before_moment, from_moment, newest_entries, place_of_entry
from hookrouter.wire.kept.assigning import read_assigning
from hookrouter.wire.kept.enriching import read_enriching
from hookrouter.wire.kept.logged_attempt import read_attempt
from hookrouter.wire.kept.records import Unreadable, read_delivery
from hookrouter.wire.kept.set_aside import read_dead_letter

MOST_LOOKED_AT = 20_000
"""Entries of the log that are looked at for one page, some 2 µs each; then it says how far back it looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisDeliveries:
    """The deliveries in Redis; see `ports.desk.Deliveries`."""

    server: RedisServer
    keys: Keys
    partitions: int

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

    def attempts_of(self, delivery: str) -> Sequence[LoggedAttempt]:
        """What the log holds of a delivery, the first attempt first."""
        name = delivery.encode()
        entries = newest_entries(self.server, self.keys.attempts(), "+", "-")
        read = [_attempt(entry, record) for entry, record in entries if name in record]
        return [attempt for attempt in reversed(read) if attempt is not None and attempt.delivery == delivery]

    def find(self, delivery: str) -> Whereabouts | None:
        """Where a delivery is; None if it is nowhere, or on its way between two places."""
        return self._dead(delivery) or self._of_sinks(delivery) or self._before_sinks(delivery)

    def _dead(self, delivery: str) -> Whereabouts | None:
        record = self.server.call("GET", self.keys.dead_letter(delivery))
        if record is None:
            return None
        with suppress(Unreadable):
            return Whereabouts(state=State.DEAD, delivery=read_dead_letter(record).delivery)
        return None

    def _of_sinks(self, delivery: str) -> Whereabouts | None:
        for name in sorted(self.server.call("SMEMBERS", self.keys.outboxes())):
            sink = SinkName(name.decode("utf-8", "replace"))
            found = self._retrying(sink, delivery) or self._shut_out(sink, delivery) or self._waiting(sink, delivery)
            if found is not None:
                return found
        return None

    def _retrying(self, sink: SinkName, delivery: str) -> Whereabouts | None:
        due, record = self.server.transaction(
            [("ZSCORE", self.keys.retries(sink), delivery), ("HGET", self.keys.retry_records(sink), delivery)]
        )
        if due is None or record is None:
            return None
        read = _deliveries_in(record)
        if not read:
            return None
        [waits] = read
        if float(due) >= BEHIND:
            return Whereabouts(state=State.BEHIND, delivery=waits)
        until = datetime.fromtimestamp(float(due) / 1000, UTC)
        return Whereabouts(state=State.RETRYING, delivery=waits, until=until)

    def _shut_out(self, sink: SinkName, delivery: str) -> Whereabouts | None:
        routes = sorted(self.server.call("SMEMBERS", self.keys.shut_routes(sink)))
        names = [RouteName(route.decode("utf-8", "replace")) for route in routes]
        streams = [place(sink, name) for name in names for place in (self.keys.shut_first, self.keys.shut)]
        found = self._in_streams(streams, delivery, _deliveries_in, State.HELD)
        if found is None:
            return None
        pauses = pauses_of(self.server.call("HGETALL", self.keys.pauses()))
        return replace(found, is_shut_out=True, pause=pauses.get(f"{ROUTE}{found.delivery.route}"))

    def _waiting(self, sink: SinkName, delivery: str) -> Whereabouts | None:
        streams = (self.keys.again(sink), self.keys.let_in(sink), self.keys.outbox(sink))
        return self._in_streams(streams, delivery, _deliveries_in, State.WAITING)

    def _before_sinks(self, delivery: str) -> Whereabouts | None:
        streams = [self.keys.enrich(partition) for partition in range(self.partitions)]
        found = self._in_streams(streams, delivery, _enriching_in, State.ENRICHING)
        return found or self._in_streams([self.keys.assign()], delivery, _assigning_in, State.ASSIGNING)

    def _in_streams(
        self, streams: Sequence[str], delivery: str, read: Callable[[bytes], Sequence[Delivery]], state: State
    ) -> Whereabouts | None:
        for stream in streams:
            for record in self._records_with(stream, delivery):
                for each in read(record):
                    if each.id == delivery:
                        return Whereabouts(state=state, delivery=each)
        return None

    def _records_with(self, stream: str, delivery: str) -> Iterator[bytes]:
        """The records in which a delivery is named; that is looked for before anything is read."""
        name = delivery.encode()
        return (record for _, record in newest_entries(self.server, stream, "+", "-") if name in record)


def _may_be(wanted: Wanted, lead: str | None, outcome: str | None) -> Callable[[bytes], bool]:
    """Whether the bytes of an entry may be those of one that is wanted; no, only if they are not."""
    texts = [orjson.dumps(text) for text in (wanted.sink, wanted.route, outcome) if text is not None]
    names = [] if lead is None else [orjson.dumps(name)[1:-1] for name in _names_of(lead)]

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


def _deliveries_in(record: bytes) -> Sequence[Delivery]:
    try:
        return [read_delivery(record)]
    except Unreadable:
        return []


def _assigning_in(record: bytes) -> Sequence[Delivery]:
    try:
        found = read_assigning(record)
    except Unreadable:
        return []
    return found.deliveries if isinstance(found, Assigning) else []


def _enriching_in(record: bytes) -> Sequence[Delivery]:
    try:
        return read_enriching(record)[1]
    except Unreadable:
        return []
