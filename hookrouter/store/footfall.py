"""What comes to the hooks, noted in this process and told to Redis every few seconds.

It costs a push nothing, and a process that is killed takes the notes of some seconds with it: what is learned of them
is a rhythm of weeks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hookrouter.domain.ids import SourceName
from hookrouter.domain.rhythm import HOUR, hour_of, hours_between
from hookrouter.domain.watched import Arrivals
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

LOOKED_BACK = timedelta(days=2)
"""Hours are learned within minutes; after so long without any worker they are forgotten."""
KEPT = timedelta(days=90)
"""When each token was last used; one of which nothing was heard for so long is used no more."""
PUSH = "push"
TOKEN, AWAY = "token:", "away:"
MOST_MINUTES = 10_000
"""Noted while Redis is away: a week of them."""


def token_name(token: str) -> str:
    """By what a token is told from others where it must not be shown."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


@dataclass(slots=True, kw_only=True)
class RedisFootfall:
    """Notes, and tells Redis; see `ports.watching.Footfall`. Belongs to one thread or event loop."""

    server: RedisServer
    keys: Keys
    _last: dict[tuple[SourceName, str], datetime] = field(default_factory=dict)
    _busy: dict[tuple[SourceName, datetime], None] = field(default_factory=dict)

    def note(self, source: SourceName, token: str, at: datetime, *, is_canary: bool) -> None:
        """Note a push, and the token by which it came."""
        self._note(source, TOKEN + token_name(token), at)
        if not is_canary:
            self._note(source, PUSH, at)
            if len(self._busy) < MOST_MINUTES:
                self._busy[source, at.astimezone(UTC).replace(second=0, microsecond=0)] = None

    def note_turned_away(self, source: SourceName, reason: str, at: datetime) -> None:
        """Note a caller of a known source who was refused."""
        self._note(source, AWAY + reason, at)

    def _note(self, source: SourceName, name: str, at: datetime) -> None:
        self._last[source, name] = max(at, self._last.get((source, name), at))

    def flush(self, now: datetime) -> None:
        """Tell Redis what was noted; while it is away, that waits."""
        last, busy = dict(self._last), list(self._busy)
        self.server.call_all([*self._say_last(last, now), *self._say_busy(busy)])
        for key, at in last.items():
            if self._last[key] == at:  # nothing came while Redis was told
                del self._last[key]
        for minute in busy:
            self._busy.pop(minute, None)

    def _say_last(self, last: dict[tuple[SourceName, str], datetime], now: datetime) -> Iterable[Command]:
        for (source, name), at in last.items():
            yield ("ZADD", self.keys.arrivals(source), "GT", at.timestamp(), name)
        for source in {source for source, _ in last}:
            yield ("ZREMRANGEBYSCORE", self.keys.arrivals(source), "-inf", (now - KEPT).timestamp())

    def _say_busy(self, busy: Iterable[tuple[SourceName, datetime]]) -> Iterable[Command]:
        for source, minute in busy:
            key = self.keys.busy(source, _stamp(hour_of(minute)))
            yield ("SETBIT", key, minute.minute, 1)
            yield ("EXPIRE", key, int(LOOKED_BACK.total_seconds()))


def questions_of(keys: Keys, source: SourceName, now: datetime) -> list[Command]:
    """What `arrivals_in` wants the answers to."""
    hours = hours_between(hour_of(now - LOOKED_BACK), now)
    return [question_of_last(keys, source), *(("BITCOUNT", keys.busy(source, _stamp(hour))) for hour in hours)]


def question_of_last(keys: Keys, source: SourceName) -> Command:
    """The first of these, which alone tells what came last."""
    return ("ZRANGE", keys.arrivals(source), 0, -1, "WITHSCORES")


def arrivals_in(answers: Sequence[Any], now: datetime) -> Arrivals:
    """What came, by the answers."""
    flat, *counts = answers
    pairs = zip(flat[::2], flat[1::2], strict=True)
    last = {name.decode(): datetime.fromtimestamp(float(score), UTC) for name, score in pairs}
    start = hour_of(now - LOOKED_BACK)
    busy = {start + number * HOUR: int(count) for number, count in enumerate(counts) if count}
    return Arrivals(
        busy=busy,
        last_push=last.get(PUSH),
        by_token={name.removeprefix(TOKEN): at for name, at in last.items() if name.startswith(TOKEN)},
        turned_away={name.removeprefix(AWAY): at for name, at in last.items() if name.startswith(AWAY)},
    )


def _stamp(hour: datetime) -> int:
    return int(hour.timestamp()) // 3600
