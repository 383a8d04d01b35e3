"""What is known to wait for the CRM, so that nobody reads it again and again while it is away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.history_events import HistoriesWithheld
from hookrouter.domain.ids import EntryId, LeadKey, SinkName
from hookrouter.domain.withheld import Withheld
from hookrouter.ports.streams import EnrichEntry
from hookrouter.ports.surroundings import Clock, Observer

LOOK_THROUGH = timedelta(minutes=5)
"""How long what waits is not looked at again: by then another process may have served some of it."""
LOOK_AGAIN = timedelta(seconds=10)
"""How long at least, though some of it is to wait no longer."""
TELL_AGAIN = timedelta(minutes=10)
"""How often is told of what waits."""

Way = tuple[LeadKey, SinkName]


@dataclass(slots=True, kw_only=True)
class Drained:
    """What a drain did, and how far it came.

    Attributes:
        entries: how many went on to their sinks.
        left: the leads that have to wait, each on its way to a sink: what follows on it waits too.
        after: the last entry that was looked at.
        look_again: when all is to be looked through again.
    """

    look_again: datetime
    entries: int = 0
    left: set[Way] = field(default_factory=set)
    after: EntryId | None = None

    def leave(self, entry: EnrichEntry, ways: Iterable[Way], now: datetime) -> None:
        """Let an entry wait, until it is due or the CRM is back."""
        self.left.update(ways)
        if entry.due is not None:
            self.look_again = min(self.look_again, max(entry.due, now + LOOK_AGAIN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Tells of what waits when it begins to, and now and then while it does."""

    clock: Clock
    observer: Observer
    _told_at: dict[str, datetime] = field(default_factory=dict, init=False)

    def is_due(self, name: str) -> bool:
        """Whether it is to be told of a stream."""
        told_at = self._told_at.get(name)
        return told_at is None or self.clock.now() >= told_at + TELL_AGAIN

    def tell(self, name: str, withheld: Withheld, reason: str) -> None:
        """Tell how much waits, and why."""
        self._told_at[name] = self.clock.now()
        if withheld.since is not None:
            since = withheld.since.isoformat(timespec="seconds")
            event = HistoriesWithheld(stream=name, waiting=withheld.waiting, since=since, reason=reason)
            self.observer.report(event)

    def end(self, name: str) -> None:
        """Tell at once when something waits anew."""
        self._told_at.pop(name, None)
