"""The figures of each day, written with what they count in one step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from hookrouter.domain.figures import KEPT, Figure, Kind, Tally
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

BETWEEN = "|"
"""No name of the configuration has it; a person's, which may, stands last."""


def add_figures(keys: Keys, tally: Tally | None) -> list[Command]:
    """The commands that add to a day's figures."""
    if tally is None or not tally.counts:
        return []
    key = keys.figures(tally.day)
    added: list[Command] = [("HINCRBY", key, BETWEEN.join(figure), by) for figure, by in tally.counts.items()]
    return [*added, ("EXPIRE", key, int(KEPT.total_seconds()))]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFigures:
    """The figures in Redis; see `ports.report.Figures`."""

    server: RedisServer
    keys: Keys

    def of(self, days: Sequence[date]) -> Mapping[date, Counter[Figure]]:
        """The figures of some days; those of which nothing is known have none."""
        found = self.server.transaction([("HGETALL", self.keys.figures(day)) for day in days])
        return {day: _read(fields) for day, fields in zip(days, found, strict=True)}


def _read(fields: Mapping[bytes, bytes]) -> Counter[Figure]:
    """What is counted; what another version counts besides is left out."""
    figures: Counter[Figure] = Counter()
    for name, number in fields.items():
        with suppress(ValueError):
            kind, route, sink, upto, person = name.decode().split(BETWEEN, 4)
            figures[Figure(Kind(kind), route, sink, upto, person)] += int(number)
    return figures
