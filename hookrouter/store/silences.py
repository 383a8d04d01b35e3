"""Silences, as operators begin and end them, and how many deliveries each has kept back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.logged_attempt import Result
from hookrouter.domain.silence import Silence
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import log_end
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.silences import read_silence, write_silence

SHOWN_FOR = timedelta(days=7)
"""How long a silence that is over is still listed."""


def log_silenced(keys: Keys, kept_back: Sequence[tuple[Delivery, str]]) -> list[Command]:
    """The commands that log deliveries which silences kept back, each by its name, and count them."""
    counts = Counter(silence for _, silence in kept_back)
    logged = [log_end(keys, delivery, Result.SILENCED, silence) for delivery, silence in kept_back]
    return logged + [("HINCRBY", keys.silenced(), name, count) for name, count in counts.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSilences:
    """The silences in Redis; see `usecases.silences.Silences`."""

    server: RedisServer
    keys: Keys

    def all(self) -> Sequence[tuple[Silence, int]]:
        """Those that are not long over, the oldest first, each with how many deliveries it kept back."""
        found, counts = self.server.call_all([("HVALS", self.keys.silences()), ("HGETALL", self.keys.silenced())])
        told = [(silence, int(counts.get(silence.id.encode(), 0))) for silence in silences_of(found)]
        return sorted(told, key=lambda pair: (pair[0].since, pair[0].id))

    def keep(self, silence: Silence, now: datetime) -> None:
        """Begin one, or change it; those that are long over are forgotten."""
        old = [each.id for each, _ in self.all() if each.until + SHOWN_FOR < now]
        forgotten: list[Command] = (
            [("HDEL", self.keys.silences(), *old), ("HDEL", self.keys.silenced(), *old)] if old else []
        )
        self.server.call_all([("HSET", self.keys.silences(), silence.id, write_silence(silence)), *forgotten])


def silences_of(records: Iterable[bytes]) -> list[Silence]:
    """The silences in records; one that cannot be read is none."""
    silences: list[Silence] = []
    for record in records:
        with suppress(Unreadable):
            silences.append(read_silence(record))
    return silences
