"""The layout in Redis, and what a process knows of it.

A process keeps the layout that it read last. Who adds to streams names the layout by which it chose them: the script
adds nothing when that is another by now, and it is read anew. So nobody asks for it beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hookrouter.domain.errors import LayoutUnreadable
from hookrouter.domain.layout import INTAKE, MOST_STREAMS, UNKNOWN, Layout, Place, Spread, Strays, sink_of
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Argument, Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.store.moving import OutboxMover
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.wire.kept.layout import read_layout, write_layout
from hookrouter.wire.kept.records import TooNew, Unreadable

NONE = b""
"""The text of a layout that nobody laid down yet."""
MOVED = 2
"""What scripts say when the layout is another by now; they wrote nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """A layout, with its text in Redis."""

    layout: Layout
    text: bytes


Put = Callable[[Layout], Sequence[Command]]
"""The commands that add to streams, by a layout."""
Filled = tuple[Sequence[str], Sequence[Argument]]
"""A script's keys and arguments."""
Fill = Callable[[Known], Filled]


class Layouts:
    """What one process knows of the layout."""

    def __init__(self, keys: Keys, partitions: int) -> None:
        """Know nothing yet; where nobody has laid out anything, the intake gets so many streams."""
        self._keys = keys
        self._partitions = partitions
        self._known: Known | None = None

    @property
    def key(self) -> str:
        """Where it stands."""
        return self._keys.layout()

    def known(self, server: RedisServer) -> Known:
        """The layout that was read last."""
        return self._known or self.read(server)

    def read(self, server: RedisServer) -> Known:
        """The layout of this moment, for who adds nothing."""
        return self._learn(server.call("GET", self.key))

    def renew(self, server: RedisServer) -> Known:
        """The layout of this moment; the first is laid down where there is none."""
        return self._learn(server.run("layout", *self._question()))

    async def known_by(self, server: AsyncRedisServer) -> Known:
        """As `known`, for an event loop."""
        return self._known or await self.read_by(server)

    async def read_by(self, server: AsyncRedisServer) -> Known:
        """As `read`, for an event loop."""
        return self._learn(await server.call("GET", self.key))

    async def renew_by(self, server: AsyncRedisServer) -> Known:
        """As `renew`, for an event loop."""
        return self._learn(await server.run("layout", *self._question()))

    def heard(self, text: bytes | None) -> Layout:
        """The layout whose text was read together with something else."""
        known = self._known
        return known.layout if known is not None and known.text == (text or NONE) else self._learn(text).layout

    def ask(self, server: RedisServer, questions: Put) -> tuple[Layout, list[Any]]:
        """The answers to questions that depend on the layout, with the layout, in one round trip."""
        known = self.known(server)
        while True:
            text, *answers = server.call_all([("GET", self.key), *questions(known.layout)])
            if (text or NONE) == known.text:
                return known.layout, answers
            known = self._learn(text)

    def run(self, server: RedisServer, script: str, fill: Fill) -> Any:
        """Run a script that adds to streams; if the layout has changed, it is filled and run again."""
        known = self.known(server)
        while (answer := server.run(script, *fill(known))) == MOVED:
            known = self.renew(server)
        return answer

    async def run_by(self, server: AsyncRedisServer, script: str, fill: Fill) -> Any:
        """As `run`, for an event loop."""
        known = await self.known_by(server)
        while (answer := await server.run(script, *fill(known))) == MOVED:
            known = await self.renew_by(server)
        return answer

    async def write(self, lease: Lease, put: Put) -> bool:
        """Run commands that add to streams in one step; False, and nothing written, if the lease was lost."""

        def fill(known: Known) -> Filled:
            return [lease.key, self.key], [lease.token, known.text, *flatten(put(known.layout))]

        return bool(await self.run_by(lease.server, "fenced", fill))

    def _question(self) -> Filled:
        """The question for the layout, which lays down the first one if there is none.

        Streams beyond our partitions were filled before there were layouts, with nobody knows how many partitions.
        """
        first = Spread(self._partitions)
        after_unknown = Spread(self._partitions, UNKNOWN.generation + 1, UNKNOWN)
        texts: list[Argument] = [write_layout(Layout({INTAKE: spread})) for spread in (first, after_unknown)]
        return [self.key, *map(self._keys.intake, range(self._partitions, MOST_STREAMS))], texts

    def _learn(self, text: bytes | None) -> Known:
        """Learn a layout; without one our settings hold, until a script that adds to streams finds it missing."""
        try:
            layout = Layout({INTAKE: Spread(self._partitions)}) if text is None else read_layout(text)
            self._known = Known(layout, text or NONE)
        except TooNew as fault:
            raise LayoutUnreadable(
                f"a later release of hookrouter wrote how the streams are laid out ({self.key})",
                "run that release here too; until then pushes are spooled and nothing is delivered",
            ) from fault
        except Unreadable as fault:
            raise LayoutUnreadable(
                f"how the streams are laid out ({self.key}) cannot be read: something else wrote over it",
                f"put back what stood at {self.key}, as a backup of Redis has it, for without it the streams are not "
                "found; until then pushes are spooled and nothing is delivered",
            ) from fault
        return self._known


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLayoutBook:
    """The layout for whoever decides on it; see `ports.layout.LayoutBook`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts
    mover: OutboxMover

    def read(self) -> Layout:
        """The current layout."""
        return self.layouts.renew(self.server).layout

    def swap(self, was: Layout, now: Layout, *, by: str = "") -> bool:
        """Replace the layout that was read; streams that are not in the new one must be empty and served by nobody."""
        known = self.layouts.known(self.server)
        if known.layout != was:
            return False
        going = sorted(set(self._streams(was)) - set(self._streams(now)))
        besides = sorted(set(self._besides(was)) - set(self._besides(now)))
        leased = [key for stream in going for key in (stream, self.keys.lease(stream))]
        keys = [self.layouts.key, self.keys.lease(self.keys.deciding()), *leased, *besides]
        is_swapped = bool(self.server.run("relayout", keys, [known.text, write_layout(now), by, len(going)]))
        self.layouts.renew(self.server)
        if is_swapped:  # what is counted in former streams from now on is news
            self.server.call("DEL", self.keys.left_behind())
        return is_swapped

    def move_on(self, name: str, spread: Spread, may_go_on: Callable[[], bool]) -> None:
        """Move what does not drain by itself out of the former streams, a portion at a time."""
        sink, known = sink_of(name), self.layouts.known(self.server)
        if sink is not None and known.layout.of(name) == spread:
            self.mover.move(sink, spread, known.text, may_go_on)

    def is_over(self, name: str, spread: Spread) -> bool:
        """Whether nothing waits in the former streams any more, and nobody serves them."""
        former, sink = () if spread.former is None else spread.former.own, sink_of(name)
        streams = [stream for place in former for stream in streams_at(self.keys, name, place)]
        others = [] if sink is None else [key for place in former for key in _beside(Shard(self.keys, sink, place))]
        kept = [*map(self.keys.lease, streams), *others]
        left, *depths = self.server.call_all([("EXISTS", *kept), *(("XLEN", stream) for stream in streams)])
        return not left and not any(depths)

    def find_strays(self, layout: Layout) -> Strays:
        """The streams with entries that an earlier version left behind and that belong to no spread."""
        places = set(layout.intake.places)
        intakes = [number for number in range(MOST_STREAMS) if Place(number) not in places]
        enriching = [number for number in range(MOST_STREAMS) if number not in Layout().enriching]
        found = iter(self.server.call_all([("XLEN", stream) for stream in self._strays(intakes, enriching)]))
        intake = frozenset(number for number in intakes if next(found))
        waiting = frozenset(number for number in enriching if next(found) + next(found))
        return Strays(intake, waiting)

    def find_late(self, layout: Layout) -> Collection[str]:
        """The split outboxes that a process of an earlier version has filled as if they were not split.

        What that process still serves itself is not counted, or the current shards would have to wait for it, too.
        """
        split = {name: sink_of(name) for name, each in layout.spreads.items() if each.generation and not each.former}
        shards = {name: Shard(self.keys, sink) for name, sink in split.items() if sink is not None}
        asked = [
            [
                ("EXISTS", self.keys.lease(shard.outbox)),
                ("EXISTS", *_beside(shard)),
                *(("XLEN", stream) for stream in streams_at(self.keys, name, shard.place)),
            ]
            for name, shard in shards.items()
        ]
        found = iter(self.server.call_all([command for commands in asked for command in commands]))
        told = {name: [next(found) for _ in commands] for name, commands in zip(shards, asked, strict=True)}
        return [name for name, (is_served, *waits) in told.items() if any(waits) and not is_served]

    def _streams(self, layout: Layout) -> Iterator[str]:
        for name, spread in layout.spreads.items():
            for place in spread.places:
                yield from streams_at(self.keys, name, place)
        yield from self._strays(layout.strays.intake, layout.strays.enriching)

    def _besides(self, layout: Layout) -> Iterator[str]:
        for name, spread in layout.spreads.items():
            if (sink := sink_of(name)) is not None:
                for place in spread.places:
                    yield from _beside(Shard(self.keys, sink, place))

    def _strays(self, intake: Iterable[int], enriching: Iterable[int]) -> Iterator[str]:
        yield from map(self.keys.intake, intake)
        for number in enriching:
            yield from (self.keys.enrich(number), self.keys.pending(number))


def streams_at(keys: Keys, name: str, place: Place) -> Sequence[str]:
    """The streams at one place of something that is spread, the one with the lease first."""
    sink = sink_of(name)
    if sink is None:
        return [keys.intake(*place)]
    shard = Shard(keys, sink, place)
    return [shard.outbox, shard.moved, shard.again, shard.let_in]


def _beside(shard: Shard) -> tuple[str, str]:
    """The keys, besides its streams, where deliveries of a shard wait."""
    return shard.retries, shard.shut_routes
