"""The clocks of leads, as the stages that route them read and wind them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from hookrouter.domain.ids import RouteName, Who
from hookrouter.domain.lead_clock import Begun, ClockId, ClockNews, Ended, KnownClocks, LeadClock, Noted, clock_id
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.standing import moment_of
from hookrouter.wire.kept.clocks import BEGAN, HANDLED, OWN, read_clock, write_began, write_own, write_steps
from hookrouter.wire.kept.moments import in_milliseconds
from hookrouter.wire.kept.records import Unreadable

GRACE = timedelta(days=30)
"""How long a clock that nobody serves is kept beyond its next step."""


async def known_clocks(
    server: AsyncRedisServer, keys: Keys, leads: Sequence[Who], routes: Collection[RouteName]
) -> list[KnownClocks]:
    """The clocks of each lead by these routes, with the present moment by Redis' clock."""
    asked: list[Command] = [("HGETALL", keys.clock(clock_id(who, route))) for who in leads for route in routes]
    time, *found = await server.call_all([("TIME",), *asked])
    now, known = moment_of(time), list[KnownClocks]()
    for place in range(len(leads)):
        ran: dict[RouteName, LeadClock] = {}
        for route, fields in zip(routes, found[place * len(routes) : (place + 1) * len(routes)], strict=True):
            with suppress(Unreadable):  # whoever serves what is due removes it
                clock = read_clock(fields)
                if clock is not None:
                    ran[route] = clock
        known.append(KnownClocks(now=now, clocks=ran))
    return known


def write_news(keys: Keys, news: Sequence[ClockNews]) -> list[Command]:
    """The commands that write what becomes of clocks."""
    return [command for each in news for command in _written(keys, each)]


def _written(keys: Keys, news: ClockNews) -> list[Command]:
    key = keys.clock(news.clock.id)
    match news:
        case Begun(clock=clock, due=due):
            return [("DEL", key), ("HSET", key, BEGAN, write_began(clock)), *wind(keys, clock.id, due)]
        case Noted(clock=clock, due=due):
            # Where it ended or went on meanwhile, whoever looks at it when it is due sets that right.
            noted: Command = ("HSET", key, OWN, write_own(clock.own), HANDLED, write_steps(clock.handled))
            return [noted, *wind(keys, clock.id, due)]
        case Ended(clock=clock):
            return stop(keys, clock.id)


def wind(keys: Keys, clock: ClockId, due: datetime) -> list[Command]:
    """The commands that have a clock looked at when it is due."""
    gone = in_milliseconds(due + GRACE)
    return [("PEXPIREAT", keys.clock(clock), gone), ("ZADD", keys.clocks(), in_milliseconds(due), clock)]


def stop(keys: Keys, clock: ClockId) -> list[Command]:
    """The commands that end a clock."""
    return [("DEL", keys.clock(clock)), ("ZREM", keys.clocks(), clock)]
