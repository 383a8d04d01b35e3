"""Speed to lead, counted by week: a hash with a few numbers for each route and person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from hookrouter.domain.speed import WITHIN, Reaction, Speed, SpeedReport, place_of
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

KEPT_FOR = timedelta(weeks=14)
"""Three months, to compare a quarter with."""
ROUTE, PERSON, SECONDS = "route", "person", "s"


def count_reactions(keys: Keys, reactions: Sequence[Reaction], now: datetime) -> list[Command]:
    """The commands that count reactions in the week of a moment."""
    if not reactions:
        return []
    key = keys.speed(week_of(now))
    counted = [command for each in reactions for command in _counted(key, each)]
    return [*counted, ("EXPIRE", key, int(KEPT_FOR.total_seconds()))]


def week_of(moment: datetime) -> str:
    """The ISO week of a moment, in UTC: `2026-W48`."""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def speed_in(server: RedisServer, keys: Keys, weeks: Iterable[str]) -> SpeedReport:
    """What was counted in some weeks together."""
    routes: dict[str, Speed] = {}
    people: dict[str, Speed] = {}
    for found in server.call_all([("HGETALL", keys.speed(week)) for week in weeks]):
        _read(found, {ROUTE: routes, PERSON: people})
    return SpeedReport(routes=routes, people=people)


def _counted(key: str, reaction: Reaction) -> Iterable[Command]:
    names = [f"{ROUTE}:{reaction.route}", *([f"{PERSON}:{reaction.person}"] if reaction.person else [])]
    for name in names:
        yield ("HINCRBY", key, f"{name}:{place_of(reaction.took)}", 1)
        yield ("HINCRBY", key, f"{name}:{SECONDS}", round(reaction.took.total_seconds()))


def _read(found: Mapping[bytes, bytes], into: Mapping[str, dict[str, Speed]]) -> None:
    for name, number in found.items():
        kind, _, rest = name.decode("utf-8", "replace").partition(":")
        whose, _, what = rest.rpartition(":")
        if kind not in into:
            continue
        speed = into[kind].setdefault(whose, Speed())
        if what == SECONDS:
            speed.seconds += int(number)
        elif what.isdecimal() and int(what) <= len(WITHIN):
            speed.within[int(what)] += int(number)
            speed.count += int(number)
