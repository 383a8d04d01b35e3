"""What waits in all streams, counted without taking anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hookrouter.domain.burst import Tide
from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.layout import Layout, Place
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.ports.outbox import OutboxDepth
from hookrouter.ports.stages import Stage
from hookrouter.store import streams, watching
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.reconciling import is_due
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import ROUTE, SINK, circuit_of, moment_of, pauses_of, tide_of
from hookrouter.wire.kept.moments import in_milliseconds

WHOLE = {Stage.HYDRATE: Keys.hydrate, Stage.ASSIGN: Keys.assign, Stage.CLAIM: Keys.clicks}
"""The stages of one stream each."""
QUESTIONS = 10
"""Commands that ask for one outbox."""


@dataclass(frozen=True, slots=True)
class Intakes:
    """How many entries each stream of the intake holds, by the layout of that moment."""

    layout: Layout
    depths: Mapping[Place, int]

    @property
    def ready(self) -> list[Place]:
        """Those that may be served now; others wait for former ones."""
        return self.layout.intakes_ready([place for place, depth in self.depths.items() if depth])


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisBacklog:
    """The backlog in Redis; see `usecases.kick.Backlog`."""

    server: RedisServer
    keys: Keys
    layouts: Layouts
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
            **{stage: self.depth(stage) for stage in (*WHOLE, Stage.ROUTE, Stage.ENRICH)},
            Stage.DELIVER: sum(depth.work(now) for depth in outboxes),
            Stage.REMIND: self.due_clocks(now),
            Stage.RECONCILE: int(self.must_reconcile(now)),
            Stage.WATCH: int(self.must_watch(now)),
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

    def depth(self, stage: Stage) -> int:
        """How many entries the streams of a stage hold."""
        if stage is Stage.ROUTE:
            return sum(self.intakes().depths.values())
        if stage is Stage.ENRICH:
            return sum(self.enriching().values())
        return int(self.server.call("XLEN", WHOLE[stage](self.keys)))

    def intakes(self) -> Intakes:
        """How many entries each stream of the intake holds."""
        layout, depths = self.layouts.ask(
            self.server, lambda layout: [("XLEN", self.keys.intake(*place)) for place in layout.intakes]
        )
        return Intakes(layout, dict(zip(layout.intakes, depths, strict=True)))

    def enriching(self) -> dict[int, int]:
        """How many entries wait for their history, or to be decided by it, by the number of their streams."""
        layout, depths = self.layouts.ask(
            self.server, lambda layout: [("XLEN", each) for each in self._enriching(layout)]
        )
        pairs = zip(depths[::2], depths[1::2], strict=True)
        return {number: sum(pair) for number, pair in zip(layout.enriching, pairs, strict=True)}

    def _enriching(self, layout: Layout) -> list[str]:
        return [stream(number) for number in layout.enriching for stream in (self.keys.enrich, self.keys.pending)]

    def oldest(self, stages: Iterable[Stage]) -> dict[Stage, datetime | None]:
        """Since when the oldest entry in the streams of each stage waits; None where none does."""
        asked = {stage: self._streams_of(stage, self.layouts.read(self.server).layout) for stage in stages}
        found = iter(self.server.call_all([streams.oldest_id(each) for names in asked.values() for each in names]))
        moments = {stage: [streams.oldest_added_at(next(found)) for _ in names] for stage, names in asked.items()}
        return {stage: min((at for at in added if at is not None), default=None) for stage, added in moments.items()}

    def _streams_of(self, stage: Stage, layout: Layout) -> list[str]:
        if stage is Stage.ENRICH:
            return self._enriching(layout)
        if stage is Stage.ROUTE:
            return [self.keys.intake(*place) for place in layout.intakes]
        return [WHOLE[stage](self.keys)]

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
