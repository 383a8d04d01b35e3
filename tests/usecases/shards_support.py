"""A sink whose outbox is cut into shards, and who moves what waits when their number changes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from drain_support import SALES, Killed, Scene

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.layout import Layout, outbox_of
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.leases import Leases
from hookrouter.store.moving import OutboxMover
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import put_in_outboxes
from hookrouter.store.shard import Shard, shards_of
from hookrouter.wire.kept.records import read_delivery, write_delivery

OUTBOX = outbox_of(SALES)
WRITES = {"fenced", "move", "move_waiting", "vacate"}


class Dying(RedisServer):
    """Dies before one of its steps, or right after."""

    left = 0
    after = False

    def run(self, script: str, *arguments: Any) -> Any:
        if script in WRITES:
            self.left -= 1
            if self.left < 0 and not self.after:
                raise Killed
        answer = super().run(script, *arguments)
        if script in WRITES and self.left < 0:
            raise Killed
        return answer


class Interrupted(RedisServer):
    """Has something else happen once, after so many of its steps, and right before the next.

    Attributes:
        is_over: whether it happened.
    """

    def __init__(self, url: str, steps: int, happens: Callable[[], object], scripts: Collection[str] = ()) -> None:
        super().__init__(url)
        self._left, self._happens, self._before = steps, happens, scripts
        self.is_over = False

    def call(self, *command: Any) -> Any:
        if not self._before:
            self._step()
        return super().call(*command)

    def run(self, script: str, *arguments: Any) -> Any:
        if not self._before or script in self._before:
            self._step()
        return super().run(script, *arguments)

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0 and not self.is_over:
            self.is_over = True
            self._happens()


@dataclass
class Split:
    """The sink, its drains as a worker has them, and the scheduler's part."""

    scene: Scene
    server: RedisServer
    layouts: Layouts = field(init=False)

    def __post_init__(self) -> None:
        self.layouts = Layouts(self.keys, 1)

    @property
    def keys(self) -> Keys:
        return self.scene.keys

    def book(self, server: RedisServer | None = None) -> RedisLayoutBook:
        mine = server or self.server
        mover = OutboxMover(server=mine, keys=self.keys, clock=SystemClock())
        return RedisLayoutBook(server=self.server, keys=self.keys, layouts=Layouts(self.keys, 1), mover=mover)

    @property
    def layout(self) -> Layout:
        return self.book().read()

    def begin(self, shards: int) -> None:
        """Have the number changed from now on."""
        book = self.book()
        was = book.read()
        assert book.swap(was, was.toward({OUTBOX: shards}))

    def move(self, book: RedisLayoutBook | None = None) -> bool:
        """Move what waits; whether the change is over."""
        book = book or self.book()
        was = book.read()
        for name, spread in was.changing.items():
            book.move_on(name, spread, lambda: True)
            if not book.is_over(name, spread):
                return False
        return book.swap(was, was.settled(was.changing))

    def change(self, shards: int) -> None:
        """Change the number, from the wish to the end."""
        self.begin(shards)
        assert self.move()

    def reopen(self) -> bool:
        """Find what a release that knows no shards added, as the scheduler does; whether there is any."""
        book = self.book()
        was = book.read()
        late = book.find_late(was)
        return bool(late) and book.swap(was, was.reopened(late))

    def an_earlier_release_adds(self, delivery: Delivery) -> None:
        """Add a delivery as a release does that knows no layouts."""
        self.server.call("XADD", self.keys.outbox(SALES), "*", "r", write_delivery(delivery))

    async def put(self, *deliveries: Delivery) -> None:
        for command in put_in_outboxes(self.keys, self.layout, deliveries):
            await self.scene.server.call(*command)

    @property
    def shards(self) -> list[Shard]:
        return shards_of(self.keys, self.layout, SALES)

    def leases(self, token: str = "drain") -> Leases:
        days = self.scene.policy.retry_for
        return Leases(
            server=self.scene.server,
            keys=self.keys,
            token=token,
            layouts=self.layouts,
            keep_snapshots=days,
            keep_pushes=days,
            keep_rejected=days,
            keep_dead=days,
            policies=lambda _: self.scene.policy,
            clock=self.scene.clock,
            observer=self.scene.reports,
        )

    async def drain(self, *shards: Shard) -> None:
        """Serve what waits, all shards side by side."""
        await asyncio.gather(*(self._drain_one(shard) for shard in shards or self.shards))

    async def _drain_one(self, shard: Shard) -> None:
        outbox = await self.leases().outbox(SALES, *shard.place)
        assert outbox is not None
        async with asyncio.timeout(30):
            await self.scene.deliver.drain(outbox, SALES, asyncio.Event())
        await outbox.release()

    def let_retries_come_due(self) -> None:
        """As if their time had come; what waits behind another delivery waits on."""
        for shard in self.shards:
            for name, score in self.retries(shard).items():
                if score < 2**52:
                    self.server.call("ZADD", shard.retries, 0, name)

    def retries(self, shard: Shard) -> dict[bytes, float]:
        found = self.server.call("ZRANGE", shard.retries, 0, -1, "WITHSCORES")
        return {name: float(score) for name, score in zip(found[::2], found[1::2], strict=True)}

    def kept(self) -> Counter[str]:
        """How often each delivery waits, wherever it does, or an earlier release puts it."""
        counts: Counter[str] = Counter()
        for shard in dict.fromkeys((Shard(self.keys, SALES), *self.shards)):
            routes = self.server.call("SMEMBERS", shard.shut_routes)
            shut = [place(name.decode()) for name in routes for place in (shard.shut_first, shard.shut)]  # type: ignore[arg-type]
            for stream in {*shard.entries, shard.moved, *shut}:
                for _, fields in self.server.call("XRANGE", stream, "-", "+"):
                    counts[read_delivery(fields[b"r"]).id] += 1
            counts.update(name.decode() for name in self.retries(shard))
        return counts
