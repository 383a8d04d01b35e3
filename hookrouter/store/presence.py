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
"""After a beat in vain: once Redis is back, nobody is to look dead for longer than that."""
FLUSH_EVERY = timedelta(milliseconds=250)
"""Between beats a process hands on what it was to log and count."""
GONE_AFTER = timedelta(seconds=20)
"""Four beats: one lost beat must not make a process look dead."""
FORGOTTEN_AFTER = 10 * GONE_AFTER


@dataclass(slots=True)
class Rhythm:
    """When a process beats next, and whether one in vain is news; `in_vain` are those since the last that was felt."""

    in_vain: int = 0

    @property
    def pause(self) -> timedelta:
        """Until the next beat."""
        return BEAT_AGAIN if self.in_vain else BEAT_EVERY

    def was_felt(self) -> None:
        """The beat came to Redis."""
        self.in_vain = 0

    def was_in_vain(self) -> bool:
        """It did not; whether that is to be told, which it is as often as if all beats were felt."""
        self.in_vain += 1
        return self.in_vain % (BEAT_EVERY // BEAT_AGAIN) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The heartbeats of all processes, as members `role:name` scored by their last beat, once for each dialect.

    All are by the clock of Redis. Processes of an earlier release beat by their own, and are known to live by that what
    they say changes.
    """

    server: RedisServer
    keys: Keys

    def beat(self, role: str, name: str) -> None:
        """Say that a process lives, forgetting those long gone."""
        forgotten, expires = (int(each.total_seconds()) for each in (FORGOTTEN_AFTER, 2 * FORGOTTEN_AFTER))
        self.server.run("beat", self._keys(), [f"{role}:{name}", forgotten, expires])

    def leave(self, role: str, name: str) -> None:
        """Say that a process ended in order."""
        self.server.transaction([("ZREM", key, f"{role}:{name}") for key in self._beats()])

    def alive(self) -> dict[str, int]:
        """How many processes of each role live."""
        counts: dict[str, int] = {}
        for member in self._alive()[0]:
            role = member.split(":", 1)[0]
            counts[role] = counts.get(role, 0) + 1
        return counts

    def strangers(self, dialect: int) -> Sequence[str]:
        """The processes that live and do not know a dialect, each with its role: those of an earlier version."""
        alive = self._alive()
        return sorted({*alive[0]} - {*alive[dialect - FIRST]})

    def _alive(self) -> Sequence[Sequence[str]]:
        """The processes that live and know each dialect; the first is known to all."""
        found = self.server.run("alive", self._keys(), [int(GONE_AFTER.total_seconds())])
        return [[member.decode() for member in members] for members in found]

    def _keys(self) -> Sequence[str]:
        return [self.keys.beats_by_own_clocks(), *self._beats()]

    def _beats(self) -> Sequence[str]:
        return [self.keys.heartbeats(dialect) for dialect in range(FIRST, OURS + 1)]
