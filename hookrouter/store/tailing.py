"""What comes in and goes out, followed through what is written anyway: nothing extra is written for those who look."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hookrouter.domain.ids import EntryId
from hookrouter.domain.logged_attempt import LoggedAttempt
from hookrouter.domain.push import ListedPush
from hookrouter.store.keys import Keys
from hookrouter.store.newest_first import Place, newest_first
from hookrouter.store.push_archive import RedisPushArchive
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import moment_of
from hookrouter.store.stream_looks import newest_entries
from hookrouter.store.streams import records_of
from hookrouter.wire.kept.logged_attempt import read_attempt
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 500
"""Attempts that one look brings."""
WAIT = 1000
"""Milliseconds that it waits for one."""
OVERLAP = timedelta(minutes=1)
"""How far a look for pushes goes back behind the newest that was seen: receivers' clocks differ."""
MOST_PUSHES = 1000
"""That one look goes back; who pushes more within a second shows only the newest of them."""
MOST_SEEN = 20_000
START = EntryId("0-0")
NOT_BEGUN = datetime.max.replace(tzinfo=UTC)
LOOKS_HELD = 600
"""After Redis was away, looks that go back to before that: what waited in a spool is of then, and comes by and by."""


@dataclass(slots=True)
class RedisTail:
    """The log of attempts and the index of pushes in Redis; see `ports.tailing.Tail`."""

    server: RedisServer
    keys: Keys
    back_to: datetime = NOT_BEGUN
    _held: int = 0
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def begin(self) -> EntryId:
        """Where the log of attempts ends now; what is in the index of pushes is no news from now on."""
        self.back_to = moment_of(self.server.call("TIME"))
        self._note(self._places())
        newest = next(newest_entries(self.server, self.keys.attempts(), "+", "-"), None)
        return START if newest is None else newest[0]

    def came_back(self) -> None:
        """Know that Redis was away."""
        self._held = LOOKS_HELD

    def attempts(self, after: EntryId) -> tuple[EntryId, Sequence[LoggedAttempt]]:
        """What the log has behind a place, and its new end; waits for a second if that is nothing."""
        log = self.keys.attempts()
        answer = self.server.call("XREAD", "COUNT", AT_ONCE, "BLOCK", WAIT, "STREAMS", log, after)
        entries = records_of(answer[0][1]) if answer else []
        read = [_attempt(entry, record) for entry, record in entries]
        return (entries[-1][0] if entries else after), [attempt for attempt in read if attempt is not None]

    def pushes(self) -> Sequence[ListedPush]:
        """The pushes that were not told yet, the oldest first."""
        fresh = [place for place in self._places() if place.member not in self._seen]
        archive = RedisPushArchive(server=self.server, keys=self.keys)
        listed = [push for _, push in archive.listed(fresh)]
        self._note(fresh)
        return sorted(listed, key=lambda push: push.received_at)

    def _places(self) -> list[Place]:
        """Those that may be new, the newest first."""
        found: list[Place] = []
        for places in newest_first(self.server, self.keys.pushes(), None, since=self.back_to - OVERLAP):
            found += places
            if len(found) >= MOST_PUSHES:
                break
        return found

    def _note(self, places: Sequence[Place]) -> None:
        for place in reversed(places):
            self._seen[place.member] = None
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)
        if self._held:
            self._held -= 1
            return
        newest = max((place.score for place in places), default=None)
        if newest is not None:
            self.back_to = max(self.back_to, datetime.fromtimestamp(newest, UTC))


def _attempt(entry: EntryId, record: bytes) -> LoggedAttempt | None:
    try:
        return read_attempt(entry, record)
    except Unreadable:
        return None
