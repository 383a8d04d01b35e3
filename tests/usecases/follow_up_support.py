"""The stages that route and remind, on a real server that is told what time it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from enrich_support import Desk, crm_id, desk_at

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.ports.outbox import Cursor
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Argument, Command

BEGIN = datetime.fromisoformat("2031-03-24T09:00:00+00:00")
"""A Monday in years to come: what expires by Redis' own clock does not do so meanwhile."""


@dataclass
class ToldTime(SystemClock):
    """A clock that stands until it is set."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        return self.at


class ToldServer(AsyncRedisServer):
    """A real server whose TIME is the told one: all else is as it is."""

    told: ToldTime

    async def call(self, *command: Argument) -> Any:
        return self._time() if command == ("TIME",) else await super().call(*command)

    async def call_all(self, commands: Sequence[Command]) -> list[Any]:
        answers = iter(await super().call_all([each for each in commands if each != ("TIME",)]))
        return [self._time() if each == ("TIME",) else next(answers) for each in commands]

    def _time(self) -> list[bytes]:
        seconds, rest = divmod(self.told.at.timestamp(), 1)
        return [b"%d" % seconds, b"%d" % round(rest * 1e6)]


@dataclass
class Reminded:
    """A desk with a clock, and what its sinks were told."""

    desk: Desk
    time: ToldTime = field(default_factory=ToldTime)
    servers: list[ToldServer] = field(default_factory=list)

    def configure(self, routes: str) -> None:
        self.desk.configure(routes)
        side = self.desk.side
        server = ToldServer(self.desk.runtime.url)
        server.told = self.time
        object.__setattr__(side.leases, "server", server)
        self.servers.append(server)

    async def push(self, lead: int = 0, **fields: Json) -> str:
        """A push of a lead, and its routing; each is a second of its own, for the CRM's stamps have no less."""
        stamp = f"{self.time.at:%Y-%m-%d %H:%M:%S}"
        push = self.desk.push({"id": crm_id(lead), "updateTimestamp": stamp, **fields})
        await self.desk.route()
        return push

    async def pass_time(self, **span: float) -> list[Delivery]:
        """Let time pass, and what is due then be done."""
        return await self.pass_until(self.time.at + timedelta(**span))

    async def pass_until(self, moment: datetime) -> list[Delivery]:
        self.time.at = moment
        await self.remind()
        return await self.new("some") + await self.new("all")

    async def remind(self) -> bool:
        book = await self.desk.side.leases.due_book()
        assert book is not None
        is_through = await self.desk.side.remind.drain(book, "remind")
        await book.release()
        return is_through

    async def new(self, sink: str) -> list[Delivery]:
        """What a sink was given since it was last asked."""
        box = await self.desk.side.leases.outbox(SinkName(sink))
        assert box is not None
        entries = await box.read(Cursor(), 10_000)
        if entries:
            await self.desk.side.store.call("DEL", self.desk.runtime.keys.outbox(SinkName(sink)))
        await box.release()
        return [entry.delivery for entry in entries]

    async def next_due(self) -> datetime | None:
        """When the next clock is due."""
        found = await self.desk.side.store.call("ZRANGE", self.desk.runtime.keys.clocks(), 0, 0, "WITHSCORES")
        return datetime.fromtimestamp(float(found[1]) / 1000, UTC) if found else None

    def without_crm(self) -> None:
        """As if none were configured: nothing is read back."""
        self.desk.side.remind.latest.copies = None

    async def traces(self) -> list[str]:
        """The keys by which clocks are kept."""
        keys = await self.desk.side.store.call("KEYS", f"{self.desk.runtime.keys.prefix}:clock*")
        return sorted(key.decode().removeprefix(f"{self.desk.runtime.keys.prefix}:") for key in keys)


@asynccontextmanager
async def reminded_at(folder: Path, url: str, *, leads: int = 5) -> AsyncIterator[Reminded]:
    async with desk_at(folder, url, leads=leads) as desk:
        made = Reminded(desk)
        desk.runtime.clock = made.time
        yield made
        for server in made.servers:
            await server.close()
