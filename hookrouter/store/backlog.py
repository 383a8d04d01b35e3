"""What waits in all streams, counted without taking anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hookrouter.domain.burst import Tide
from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.ports.outbox import OutboxDepth
from hookrouter.ports.stages import Stage
from hookrouter.store import streams, watching
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.reconciling import is_due
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import ROUTE, SINK, circuit_of, moment_of, pauses_of, tide_of
from hookrouter.wire.kept.moments import in_milliseconds

WHOLE = {Stage.HYDRATE: Keys.hydrate, Stage.ASSIGN: Keys.assign, Stage.CLAIM: Keys.clicks}
"""The streams that have no partitions."""
QUESTIONS = 10
"""Commands that ask for one outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisBacklog:
    """The backlog in Redis; see `usecases.kick.Backlog`."""

    server: RedisServer
    keys: Keys
    partitions: int
    kept: KeptFor
    policies: Callable[[SinkName], SinkPolicy]
    hours: Callable[[], Hours]
    reconciled: Callable[[], SourceName | None]
    watched: Callable[[], SourceName | None]

    def now(self) -> datetime:
        """The present moment by Redis' clock, which all processes share."""
        return moment_of(self.server.call("TIME"))

    def stages_with_work(self, now: datetime) -> Mapping[Stage, int]:
        """The stages whose streams hold entries, or whose retries are due, with how many."""
        outboxes = self.outboxes(now).values()
        waiting = {
            Stage.HYDRATE: sum(self.partition_depths(Stage.HYDRATE)),
            Stage.ROUTE: sum(self.partition_depths(Stage.ROUTE)),
            Stage.ASSIGN: sum(self.partition_depths(Stage.ASSIGN)),
            Stage.ENRICH: sum(self.partition_depths(Stage.ENRICH)),
            Stage.DELIVER: sum(depth.work(now) for depth in outboxes),
            Stage.REMIND: self.due_clocks(now),
            Stage.RECONCILE: int(self.must_reconcile(now)),
            Stage.WATCH: int(self.must_watch(now)),
            Stage.CLAIM: sum(self.partition_depths(Stage.CLAIM)),
        }
        return {stage: count for stage, count in waiting.items() if count}

    def due_clocks(self, now: datetime | None = None) -> int:
        """How many leads' follow-up steps are due, now unless a moment is given."""
        due = in_milliseconds(now or self.now())
        return int(self.server.call("ZCOUNT", self.keys.clocks(), "-inf", due))

    def must_reconcile(self, now: datetime | None = None) -> bool:
        """Whether changes are to be held against the CRM, now unless a moment is given."""
        source = self.reconciled()
        return source is not None and is_due(self.server, self.keys, source, now or self.now())

    def must_watch(self, now: datetime | None = None) -> bool:
        """Whether somebody is to look if the CRM still pushes, now unless a moment is given."""
        source = self.watched()
        return source is not None and watching.is_due(self.server, self.keys, source, now or self.now())

    def partition_depths(self, stage: Stage) -> list[int]:
        """How many entries each partition of a stage holds."""
        depths = self.server.call_all([("XLEN", stream) for stream in self.streams_of(stage)])
        if stage is Stage.ENRICH:
            waiting = zip(depths[: self.partitions], depths[self.partitions :], strict=True)
            return [sum(both) for both in waiting]
        return depths

    def streams_of(self, stage: Stage) -> list[str]:
        """The streams of a stage; of the one that enriches, the first of all partitions, then the second of all."""
        if stage in WHOLE:
            return [WHOLE[stage](self.keys)]
        kinds = (self.keys.enrich, self.keys.pending) if stage is Stage.ENRICH else (self.keys.intake,)
        return [stream(partition) for stream in kinds for partition in range(self.partitions)]

    def outboxes(self, now: datetime) -> dict[SinkName, OutboxDepth]:
        """What waits for each sink that was ever known here."""
        sinks = self._sinks()
        due = int(now.timestamp() * 1000)
        pauses, *answers = self.server.call_all(
            [("HGETALL", self.keys.pauses()), *(question for sink in sinks for question in self._questions(sink, due))]
        )
        depths = {
            sink: self._depth(sink, pauses, answers[QUESTIONS * at : QUESTIONS * (at + 1)], now)
            for at, sink in enumerate(sinks)
        }
        shut = {
            (sink, RouteName(route.decode("utf-8", "replace"))): None
            for at, sink in enumerate(sinks)
            for route in answers[QUESTIONS * at + QUESTIONS - 1]
        }
        return depths | self._with_what_is_shut(depths, list(shut), pauses_of(pauses), now)

    def _with_what_is_shut(
        self,
        depths: Mapping[SinkName, OutboxDepth],
        shut: Sequence[tuple[SinkName, RouteName]],
        pauses: Mapping[str, Pause],
        now: datetime,
    ) -> dict[SinkName, OutboxDepth]:
        """The depths of the outboxes some of whose deliveries wait for their route's time, or for it to be resumed."""
        changed: dict[SinkName, OutboxDepth] = {}
        hours = self.hours()
        places = [place(sink, route) for sink, route in shut for place in (self.keys.shut_first, self.keys.shut)]
        lengths = self.server.call_all([("XLEN", place) for place in places]) if shut else []
        for (sink, route), *parts in zip(shut, lengths[::2], lengths[1::2], strict=True):
            count = sum(parts)
            pause = pauses.get(f"{ROUTE}{route}")
            paused = {} if pause is None or not pause.holds(now) else {route: pause}
            depth = changed.get(sink, depths[sink])
            let_in = depth.let_in + (count if hours.is_open(route, now) and not paused else 0)
            changed[sink] = replace(
                depth, shut={**depth.shut, route: count}, pauses={**depth.pauses, **paused}, let_in=let_in
            )
        return changed

    def _questions(self, sink: SinkName, due: int) -> tuple[Command, ...]:
        return (
            ("XLEN", self.keys.outbox(sink)),
            ("XLEN", self.keys.again(sink)),
            ("XLEN", self.keys.let_in(sink)),
            ("ZCARD", self.keys.retries(sink)),
            ("ZCOUNT", self.keys.retries(sink), "-inf", due),
            ("GET", self.keys.circuit(sink)),
            streams.oldest_id(self.keys.outbox(sink)),
            streams.newest_id(self.keys.outbox(sink)),
            ("GET", self.keys.tide(sink)),
            ("SMEMBERS", self.keys.shut_routes(sink)),
        )

    def _depth(
        self, sink: SinkName, pauses: Mapping[bytes, bytes], answers: Sequence[Any], now: datetime
    ) -> OutboxDepth:
        new, again, let_in, retrying, due, circuit, oldest, newest, tide, _ = answers
        policy = self.policies(sink)
        digest = policy.gathers
        is_all_shared = policy.digest is not None or _waits_to_share(tide_of(tide), oldest, newest)
        since = streams.oldest_added_at(oldest)
        is_gathering = (
            digest is not None and is_all_shared and not again and not let_in and not digest.is_due(new, since, now)
        )
        return OutboxDepth(
            waiting=new + again + let_in,
            retrying=retrying,
            due=due,
            circuit=circuit_of(circuit),
            pause=pauses_of(pauses).get(f"{SINK}{sink}"),
            fallback=policy.fallback,
            is_gathering=is_gathering,
            due_since=None if since is None or is_gathering else _due_since(since, digest, is_all_shared=is_all_shared),
        )

    def know_sinks(self, sinks: Iterable[SinkName]) -> None:
        """Remember sinks, so that their outboxes are looked after even when the configuration forgets them."""
        names = list(sinks)
        if names:
            self.server.call("SADD", self.keys.outboxes(), *names)

    def _sinks(self) -> list[SinkName]:
        found = self.server.call("SMEMBERS", self.keys.outboxes())
        return [SinkName(name.decode("utf-8", "replace")) for name in sorted(found)]

    def forget_old(self, now: datetime) -> None:
        """Trim every index to its retention."""
        self.server.call_all(self.kept.trimming(self.keys, now))


def _due_since(since: datetime, digest: Digest | None, *, is_all_shared: bool) -> datetime:
    """Since when what was added at a moment could go out: what is gathered waits for a while on purpose."""
    return since + digest.every if digest is not None and is_all_shared else since


def _waits_to_share(tide: Tide, oldest: streams.Found, newest: streams.Found) -> bool:
    """Whether what is in an outbox waits to be gathered, and none of it for its turn to go out alone."""
    first, last = streams.entry_of(oldest), streams.entry_of(newest)
    return first is not None and last is not None and tide.has_judged(last) and not tide.goes_alone(first)
