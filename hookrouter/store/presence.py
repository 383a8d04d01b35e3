"""Who is alive: each process says so every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.dialect import FIRST, OURS
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

BEAT_EVERY = timedelta(seconds=5)
BEAT_AGAIN = timedelta(seconds=1)
"""The pause after a failed beat, so that nobody looks dead for longer once Redis is back."""
FLUSH_EVERY = timedelta(milliseconds=250)
"""How often, between beats, a process passes on what it has to log and count."""
GONE_AFTER = timedelta(seconds=20)
"""Four beats: one lost beat must not make a process look dead."""
FORGOTTEN_AFTER = 10 * GONE_AFTER


@dataclass(slots=True)
class Rhythm:
    """When a process beats next, and whether a failed beat is news; `in_vain` counts those since the last good one."""

    in_vain: int = 0

    @property
    def pause(self) -> timedelta:
        """How long to wait until the next beat."""
        return BEAT_AGAIN if self.in_vain else BEAT_EVERY

    def was_felt(self) -> None:
        """Note that a beat reached Redis."""
        self.in_vain = 0

    def was_in_vain(self) -> bool:
        """Note that a beat failed; returns whether to report it, which is as often as good beats come."""
        self.in_vain += 1
        return self.in_vain % (BEAT_EVERY // BEAT_AGAIN) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The heartbeats of all processes, as members `role:name` scored by their last beat, once for each dialect.

    All are by the clock of Redis. Processes of an earlier release beat by their own clocks, and count as alive while
    what they say changes.
    """

    server: RedisServer
    keys: Keys

    def beat(self, role: str, name: str) -> None:
        """Say that a process is alive, and forget those long gone."""
        forgotten, expires = (int(each.total_seconds()) for each in (FORGOTTEN_AFTER, 2 * FORGOTTEN_AFTER))
        self.server.run("beat", self._keys(), [f"{role}:{name}", forgotten, expires])

    def leave(self, role: str, name: str) -> None:
        """Say that a process has ended in good order."""
        self.server.transaction([("ZREM", key, f"{role}:{name}") for key in self._beats()])

    def alive(self) -> dict[str, int]:
        """How many processes of each role are alive."""
        counts: dict[str, int] = {}
        for member in self._alive()[0]:
            role = member.split(":", 1)[0]
            counts[role] = counts.get(role, 0) + 1
        return counts

    def strangers(self, dialect: int) -> Sequence[str]:
        """The living processes, each with its role, that do not know a dialect because their version is older."""
        alive = self._alive()
        return sorted({*alive[0]} - {*alive[dialect - FIRST]})

    def _alive(self) -> Sequence[Sequence[str]]:
        """The living processes that know each dialect; all know the first."""
        found = self.server.run("alive", self._keys(), [int(GONE_AFTER.total_seconds())])
        return [[member.decode() for member in members] for members in found]

    def _keys(self) -> Sequence[str]:
        return [self.keys.beats_by_own_clocks(), *self._beats()]

    def _beats(self) -> Sequence[str]:
        return [self.keys.heartbeats(dialect) for dialect in range(FIRST, OURS + 1)]
