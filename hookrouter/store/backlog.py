"""What waits in all streams, counted without taking anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.layout import Layout, Place
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.ports.stages import Stage
from hookrouter.store import streams, watching
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.outbox_depths import DepthsLook, ShardDepths
from hookrouter.store.reconciling import is_due
from hookrouter.store.retention import KeptFor
from hookrouter.store.served import ServedLook
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import moment_of
from hookrouter.wire.kept.moments import in_milliseconds

WHOLE = {Stage.HYDRATE: Keys.hydrate, Stage.ASSIGN: Keys.assign, Stage.CLAIM: Keys.clicks}
"""The stages of one stream each."""


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
        return self._depths.at(self._sinks(), now).whole()

    def shards(self, now: datetime) -> ShardDepths:
        """What waits for each sink, by its shards; not since when."""
        return self._depths.at(self._sinks(), now, ages=False)

    @property
    def _depths(self) -> DepthsLook:
        return DepthsLook(
            server=self.server, keys=self.keys, layouts=self.layouts, policies=self.policies, hours=self.hours
        )

    def served(self) -> dict[Stage, dict[str, int]]:
        """How many streams each worker serves at this moment, of each stage whose streams workers share."""
        return ServedLook(server=self.server, keys=self.keys, layouts=self.layouts).at(self._sinks())

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
