"""What watching over the CRM's pushes has in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push_path import Hindrance
from hookrouter.domain.subscription import Subscription
from hookrouter.domain.watch_report import WatchPlan, WatchReport
from hookrouter.domain.watched import Arrivals, Watched
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command
from hookrouter.store.footfall import arrivals_in, question_of_last, questions_of
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease, take_lease
from hookrouter.store.newest_first import newest_first
from hookrouter.store.presence import Presence
from hookrouter.store.server import RedisServer
from hookrouter.usecases.admit import NOT_ALLOWED
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.set_aside import read_rejection
from hookrouter.wire.kept.watched import read_subscription, read_watched, write_subscription, write_watched

WATCHED, SUBSCRIPTION, DUE = "watched", "subscription", "due"
CANARY_LIFE = 86_400
"""Seconds in which a push that comes late still shows that it came."""
MOST_SEARCHED = 200
"""Rejected leads, and refused pushes, that are searched for the canary's mark."""
LARGEST_SEARCHED = 1024 * 1024
"""Bytes of a refused push."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWatchMemory:
    """The memory in Redis; see `ports.watching.WatchMemory`. `desk` is the connection that blocks."""

    server: AsyncRedisServer
    desk: RedisServer
    keys: Keys

    async def read(self, source: SourceName) -> Watched:
        """What is remembered; what cannot be read is learned anew."""
        return watched_in(await self.server.call("HGET", self.keys.watch(source), WATCHED))

    async def write(self, source: SourceName, watched: Watched, due: datetime) -> None:
        """Remember it all, and when to look again."""
        values = (WATCHED, write_watched(watched), DUE, due.timestamp())
        await self.server.call("HSET", self.keys.watch(source), *values)

    async def subscription(self, source: SourceName) -> Subscription:
        """What became of asking the CRM to push."""
        return subscription_in(await self.server.call("HGET", self.keys.watch(source), SUBSCRIPTION))

    async def note_subscription(self, source: SourceName, subscription: Subscription) -> None:
        """Remember it."""
        await self.server.call("HSET", self.keys.watch(source), SUBSCRIPTION, write_subscription(subscription))

    async def arrivals(self, source: SourceName, now: datetime) -> Arrivals:
        """What came lately."""
        return arrivals_in(await self.server.call_all(questions_of(self.keys, source, now)), now)

    async def came_back(self, mark: str) -> datetime | None:
        """When the push came that brought a canary's mark."""
        found = await self.server.call("GET", self.keys.canary(mark))
        return None if found is None else datetime.fromtimestamp(float(found), UTC)

    async def receivers(self) -> int:
        """How many receivers live."""
        presence = Presence(server=self.desk, keys=self.keys)
        return (await asyncio.to_thread(presence.alive)).get("receiver", 0)

    async def hindrance(self, source: SourceName, mark: str, since: datetime) -> Hindrance | None:
        """What may have kept a canary's push from us: what holds its mark, or else who was turned away meanwhile."""
        found = await asyncio.to_thread(self._refused, mark, since)
        if found is not None:
            return found
        if await self.server.call("XLEN", self.keys.hydrate()):
            return Hindrance(
                text="what came waits to be read back from the CRM: see `hookrouter status`", is_proven=False
            )
        away = (await self.arrivals(source, since)).turned_away
        recent = {reason: at for reason, at in away.items() if at >= since}
        if not recent:
            return None
        reason = max(recent, key=lambda each: (each == NOT_ALLOWED, recent[each]))
        text = f"a caller was refused at {recent[reason]:%H:%M:%S} UTC: {reason}"
        return Hindrance(text=text, is_proven=reason == NOT_ALLOWED)  # anybody may come by a wrong token

    def _refused(self, mark: str, since: datetime) -> Hindrance | None:
        for rejection in self._newest(self.keys.rejected_leads(), since):
            record = self.desk.call("GET", self.keys.rejected_lead(rejection))
            with suppress(Unreadable):
                lead = None if record is None else read_rejection(rejection, record).lead
                if mark.encode() in orjson.dumps(lead):
                    text = f"it came and was rejected: see `hookrouter rejected show {rejection}`"
                    return Hindrance(text=text, is_proven=True)
        for push in self.desk.call("LRANGE", self.keys.refused_pushes(), 0, MOST_SEARCHED - 1):
            name = push.decode()
            if self._holds(PushId(name), mark):
                text = f"it came and could not be read: see `hookrouter pushes show {name}`"
                return Hindrance(text=text, is_proven=True)
        return None

    def _newest(self, index: str, since: datetime) -> list[str]:
        names: list[str] = []
        for places in newest_first(self.desk, index, None, since=since):
            names += [place.member for place in places]
            if len(names) >= MOST_SEARCHED:
                break
        return names[:MOST_SEARCHED]

    def _holds(self, push: PushId, mark: str) -> bool:
        key = self.keys.push(push)
        size = self.desk.call("HSTRLEN", key, "body")
        return 0 < size <= LARGEST_SEARCHED and mark.encode() in (self.desk.call("HGET", key, "body") or b"")

    async def lease(self, source: SourceName, token: str) -> Lease | None:
        """The right to watch a source; None if another process has it."""
        return await take_lease(self.server, self.keys, self.keys.watching(source), token)


def is_due(server: RedisServer, keys: Keys, source: SourceName, now: datetime) -> bool:
    """Whether a source is to be looked at; one that never was is."""
    due = server.call("HGET", keys.watch(source), DUE)
    return due is None or float(due) <= now.timestamp()


def report_of(server: RedisServer, keys: Keys, plan: WatchPlan, now: datetime) -> WatchReport:
    """What is remembered of a source, and what came last, for those who only look."""
    asked: Sequence[Command] = [
        ("HGET", keys.watch(plan.source), WATCHED),
        ("HGET", keys.watch(plan.source), SUBSCRIPTION),
        question_of_last(keys, plan.source),
    ]
    watched, subscription, *arrivals = server.call_all(asked)
    return WatchReport(
        plan=plan,
        watched=watched_in(watched),
        subscription=subscription_in(subscription),
        arrivals=arrivals_in(arrivals, now),
    )


def note_return(keys: Keys, mark: str, at: datetime) -> Command:
    """The command that remembers when the push of a canary came first."""
    return ("SET", keys.canary(mark), repr(at.timestamp()), "NX", "EX", CANARY_LIFE)


def watched_in(record: bytes | None) -> Watched:
    """What a record tells; nothing, when it cannot be read."""
    with suppress(Unreadable):
        return Watched() if record is None else read_watched(record)
    return Watched()


def subscription_in(record: bytes | None) -> Subscription:
    """What a record tells; nothing, when it cannot be read."""
    with suppress(Unreadable):
        return Subscription() if record is None else read_subscription(record)
    return Subscription()
