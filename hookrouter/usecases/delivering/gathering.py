"""Gathering: new deliveries of a sink that wait to become digests, and stay entries of its outbox until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import RouteName
from hookrouter.domain.policy import Digest
from hookrouter.ports.outbox import OutboxEntry

GROUPS_AHEAD = 20
"""How many digests' worth of entries are held at once, as they may be for that many recipients."""
MOST_HELD = 10_000
"""The most entries held in all."""
READ_AT_ONCE = 1000
"""The most entries read in one go; reading many more would hold up other sinks."""
MOST_CHARACTERS = 4_000_000
"""The most in all fields of a digest's leads together; a digest that would have more goes out with fewer leads."""


class Gathering:
    """The entries of one drain, grouped by the message they may share."""

    def __init__(self, digest: Digest, key_of: Callable[[Delivery], str]) -> None:
        """Begin empty; `key_of` tells which deliveries may share a message."""
        self._digest = digest
        self._key_of = key_of
        self._groups: dict[str, list[OutboxEntry]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    @property
    def room(self) -> int:
        """How many more entries to read in one go."""
        return max(0, min(min(self._digest.most * GROUPS_AHEAD, MOST_HELD) - len(self), READ_AT_ONCE))

    def take_in(self, entries: Sequence[OutboxEntry]) -> None:
        """Put entries with those they may share a message with."""
        for entry in entries:
            self._groups.setdefault(self._key_of(entry.delivery), []).append(entry)

    def take_back(self, is_held: Callable[[RouteName], bool]) -> list[OutboxEntry]:
        """Take out the entries of routes that have been paused or whose time has closed."""
        held: list[OutboxEntry] = []
        for key, entries in list(self._groups.items()):
            routes = {entry.delivery.route for entry in entries}
            if not (shut := {route for route in routes if is_held(route)}):
                continue
            held += [entry for entry in entries if entry.delivery.route in shut]
            self._groups[key] = [entry for entry in entries if entry.delivery.route not in shut]
            if not self._groups[key]:
                del self._groups[key]
        return held

    def take_due(self, now: datetime) -> list[OutboxEntry]:
        """Take out a group that is due, as large as a digest may be; empty if none is due."""
        for key, entries in self._groups.items():
            if self._digest.is_due(len(entries), entries[0].added_at, now):
                size = _fitting(entries[: self._digest.most])
                due = entries[:size]
                del entries[:size]
                if not entries:
                    del self._groups[key]
                return due
        return []


def _fitting(entries: Sequence[OutboxEntry]) -> int:
    """How many of the entries fit into one digest together; at least one."""
    room = MOST_CHARACTERS
    for count, entry in enumerate(entries):
        room -= sum(len(value) for value in entry.delivery.lead.values() if isinstance(value, str))
        if room < 0:
            return max(1, count)
    return len(entries)
