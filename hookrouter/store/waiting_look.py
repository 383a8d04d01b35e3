"""What waits at sinks in Redis; see `ports.waiting_look.WaitingLook`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.logged_attempt import State, Whereabouts
from hookrouter.domain.pieces import pieces
from hookrouter.ports.outbox import Standing
from hookrouter.ports.waiting_look import WaitingAt
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.newest_first import place_of
from hookrouter.store.oldest_first import oldest_first
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard, shards_of
from hookrouter.store.standing import questions_of, standing_of
from hookrouter.store.stream_looks import oldest_entries, place_of_entry
from hookrouter.store.whereabouts import waits_until
from hookrouter.wire.kept.records import Unreadable, read_delivery

MOST_LOOKED_AT = 1000
"""Deliveries that are read for those of a route: each has some kilobytes."""
AT_ONCE = 50


class Room(IntEnum):
    """Where a delivery may wait, in the order in which they are looked at."""

    RETRIES = 0
    SHUT_FIRST = 1
    SHUT = 2
    AGAIN = 3
    LET_IN = 4
    MOVED = 5
    OUTBOX = 6


NO_ROUTE = RouteName("")


class Door(NamedTuple):
    """Which room of which shard; there are two for each route that is shut."""

    room: Room
    route: RouteName
    number: int


class Spot(NamedTuple):
    """A place among all that waits at a sink; `behind` is one in its room, '' the beginning."""

    door: Door
    behind: str = ""

    def __str__(self) -> str:
        room, route, number = self.door
        return f"{room.value}:{route}:{number}:{self.behind}"


BEGINNING = Spot(Door(Room.RETRIES, NO_ROUTE, 0))
Met = tuple[Spot, Whereabouts | None]
"""What stands at a spot; None when it cannot be read."""


def spot_of(text: str | None) -> Spot:
    """What `str(spot)` wrote; the beginning for none, and for what it never wrote."""
    room, _, rest = (text or "").partition(":")
    route, _, rest = rest.partition(":")
    number, _, behind = rest.partition(":")
    if room not in {str(each.value) for each in Room} or re.fullmatch("[0-9]{1,3}", number) is None:
        return BEGINNING
    is_known = place_of(behind) if room == "0" else place_of_entry(behind)
    return Spot(Door(Room(int(room)), RouteName(route), int(number)), behind if is_known else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWaitingLook:
    """Looks at what waits, and takes nothing."""

    server: RedisServer
    keys: Keys
    layouts: Layouts

    def at(self, sink: SinkName, *, route: RouteName | None = None, limit: int, after: str | None = None) -> WaitingAt:
        """What waits at a sink; what cannot be read is only counted."""
        shards = shards_of(self.keys, self.layouts.read(self.server).layout, sink)
        standing = standing_of(sink, self.server.call_all(questions_of(*shards)))
        doors = _doors(standing, shards)
        look = _Look(server=self.server, shards=shards, standing=standing, route=route, limit=limit)
        found, end = look.page(doors, spot_of(after))
        counted: Sequence[int] = self.server.call_all(
            [("ZCARD" if door.room is Room.RETRIES else "XLEN", look.key(door)) for door in doors]
        )
        return WaitingAt(sink=sink, standing=standing, found=found, end=end, total=sum(counted))


def _doors(standing: Standing, shards: Sequence[Shard]) -> list[Door]:
    shut = [(room, route) for route in standing.shut for room in (Room.SHUT_FIRST, Room.SHUT)]
    rest = [(room, NO_ROUTE) for room in Room if room not in {Room.SHUT_FIRST, Room.SHUT, Room.MOVED}]
    numbers = range(len(shards))
    moved = [Door(Room.MOVED, NO_ROUTE, number) for number in numbers if shards[number].has_moved]
    return sorted([*(Door(*each, number) for each in (*shut, *rest) for number in numbers), *moved])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at what waits at a sink."""

    server: RedisServer
    shards: Sequence[Shard]
    standing: Standing
    route: RouteName | None
    limit: int

    @property
    def most(self) -> int:
        """So many are read."""
        return self.limit if self.route is None else MOST_LOOKED_AT

    def page(self, doors: Sequence[Door], begin: Spot) -> tuple[list[Whereabouts], str | None]:
        """What is found behind a spot, and where it goes on."""
        found: list[Whereabouts] = []
        last = begin
        for number, (spot, whereabouts) in enumerate(self._walk(doors, begin)):
            if len(found) == self.limit or number == self.most:
                return found, str(last)
            last = spot
            if whereabouts is not None and self.route in {None, whereabouts.delivery.route}:
                found.append(whereabouts)
        return found, None

    def key(self, door: Door) -> str:
        """The key of what waits in a room."""
        shard = self.shards[door.number]
        match door.room:
            case Room.RETRIES:
                return shard.retries
            case Room.SHUT_FIRST:
                return shard.shut_first(door.route)
            case Room.SHUT:
                return shard.shut(door.route)
            case Room.AGAIN:
                return shard.again
            case Room.LET_IN:
                return shard.let_in
            case Room.MOVED:
                return shard.moved
            case _:
                return shard.outbox

    def _walk(self, doors: Sequence[Door], begin: Spot) -> Iterator[Met]:
        """What stands behind a spot, room by room; what only other routes have is passed by."""
        for door in doors:
            if door < begin.door or (door.route and self.route not in {None, door.route}):
                continue
            behind = begin.behind if door == begin.door else ""
            yield from self._retrying(door, behind) if door.room is Room.RETRIES else self._in_stream(door, behind)

    def _retrying(self, door: Door, behind: str) -> Iterator[Met]:
        shard = self.shards[door.number]
        records_of_retries = shard.keys.retry_records(shard.sink)
        for places in oldest_first(self.server, shard.retries, place_of(behind or None)):
            for some in pieces(places, AT_ONCE):
                records = self.server.call("HMGET", records_of_retries, *(place.member for place in some))
                for place, record in zip(some, records, strict=True):
                    yield Spot(door, str(place)), _retried(record, place.score)

    def _in_stream(self, door: Door, behind: str) -> Iterator[Met]:
        oldest = f"({behind}" if behind else "-"
        for entry, record in oldest_entries(self.server, self.key(door), oldest, self.most + 1):
            yield Spot(door, entry), self._waiting(record, is_shut=door.room in {Room.SHUT_FIRST, Room.SHUT})

    def _waiting(self, record: bytes, *, is_shut: bool) -> Whereabouts | None:
        with suppress(Unreadable):
            delivery = read_delivery(record)
            return Whereabouts(
                state=State.HELD if is_shut else State.WAITING,
                delivery=delivery,
                is_shut_out=is_shut,
                pause=self.standing.routes.get(delivery.route) if is_shut else None,
            )
        return None


def _retried(record: bytes | None, due: float) -> Whereabouts | None:
    with suppress(Unreadable):
        return None if record is None else waits_until(read_delivery(record), due)
    return None
