"""Health: ask every part how it is doing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.alert import AlertKind
from hookrouter.domain.clocks_health import clocks_part
from hookrouter.domain.crm_health import calls_part, crm_part, loops_part, sweep_part, trust_part, withheld_part
from hookrouter.domain.durability import Asked
from hookrouter.domain.errors import NotPermitted, SpoolAway, StoreAway
from hookrouter.domain.health import Part, Status, badness
from hookrouter.domain.ids import SinkName
from hookrouter.domain.kept_health import alerts_part, kept_parts, last_push_part
from hookrouter.domain.layout import Layout
from hookrouter.domain.preflight import durability_in_words, judge
from hookrouter.domain.speed import speed_parts
from hookrouter.domain.streams_health import (
    lost_sink_part,
    sharing_part,
    silence_part,
    sink_part,
    spread_part,
    stage_part,
)
from hookrouter.domain.watch_report import watch_parts
from hookrouter.ports.alerts import AlertBook
from hookrouter.ports.census import Census, far_side_of
from hookrouter.ports.inspection import Inspection
from hookrouter.ports.receiver import Spool
from hookrouter.ports.stages import Stage
from hookrouter.ports.surroundings import Clock

ROOM_FOR_A_PUSH = 1024 * 1024
"""Bytes; with less room the spool or its disk counts as full, for most pushes would still fit, but not for long."""
ROLES = (
    ("receiver", "receiver", Status.WARN, "no receiver lives: nothing can be pushed; start `hookrouter serve`"),
    ("workers", "worker", Status.FAIL, "no worker lives: pushes are kept, none delivered; start `hookrouter worker`"),
    ("scheduler", "scheduler", Status.WARN, "no scheduler lives: retries wait; start `hookrouter scheduler`"),
)
"""Each role: its name in the report, its heartbeat's, how bad it is without one, and what to do then."""
SHARED = ((Stage.ROUTE, "intake"), (Stage.DELIVER, "sinks"))
"""The stages whose streams workers share, and what these are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """Examines every part.

    Attributes:
        has_crm, sinks: as configured; None when nobody knows, for the file cannot be read.
        configuration: the revision in force, and why what stands in the files now is not ('' when it is).
        counts_in_memory: whether this process' counters found no room on the disk.
        alerts: of what people are told, with the time of what has one; None when of nothing.
    """

    census: Census
    inspection: Inspection
    asked: Asked
    spool: Spool
    clock: Clock
    has_crm: bool | None
    configuration: Callable[[], tuple[str, str]]
    sinks: Callable[[], Collection[SinkName] | None]
    counts_in_memory: Callable[[], bool]
    book: AlertBook
    alerts: Callable[[], Mapping[AlertKind, timedelta | None] | None]

    def ready(self) -> list[Part]:
        """The parts without which this process could not take a push: Redis, or else the spool."""
        spool = self._spool()
        try:
            self._insist_on_rights()
            self.census.check_writable()
            replicas = self._replicas()
        except StoreAway as fault:
            bridged = spool.status is not Status.FAIL
            return [_redis_away(fault, Status.WARN if bridged else Status.FAIL, spool), spool]
        redis = Part(name="redis", status=Status.PASS)
        if replicas is not None and replicas.status is not Status.PASS:
            return [redis, replicas, spool]  # a push that they do not confirm needs the spool
        return [redis, replace(spool, status=min(spool.status, Status.WARN, key=badness))]

    def all(self) -> list[Part]:
        """Every part."""
        now = self.clock.now()
        try:
            self.census.check_writable()
            layout = self.census.layout()
            return [
                self._redis(),
                *filter(None, [self._replicas()]),
                *self._processes(),
                *self._sharing(),
                *self._streams(now, layout),
                *self._spreads(now, layout),
                *map(silence_part, self.census.silences(now)),
                *self._kept(),
                self._spool(),
                self._counters(),
                *self._alerts(now),
                clocks_part(*self.census.clocks(now), now),
                *speed_parts(self.census.speed(now)),
                *self._crm(now),
                *watch_parts(self.census.watch_report(now), now),
                *filter(None, [trust_part(self.census.push_trust(now)), sweep_part(self.census.sweep_doubt())]),
                *filter(None, [loops_part(self.census.crm_loops(), now)]),
                self._configuration(),
            ]
        except StoreAway as fault:
            spool, why = self._spool(), self._in_full(fault)
            return [_redis_away(why, Status.FAIL, spool), spool, self._counters(), self._configuration()]

    def _insist_on_rights(self) -> None:
        """See that our user may do all that taking a push takes.

        Raises:
            NotPermitted: it may not, and every push goes to the spool.
        """
        if keeping_out := [lack.right for lack in self.inspection.lacks(to_take_alone=True) if lack.keeps_pushes_out]:
            raise NotPermitted(keeping_out)

    def _in_full(self, fault: StoreAway) -> StoreAway:
        """Where one right is missing, all that are: they had best be given at once."""
        if isinstance(fault, NotPermitted):
            with suppress(StoreAway):
                if lacks := self.inspection.lacks():
                    return NotPermitted([lack.right for lack in lacks])
        return fault

    def _redis(self) -> Part:
        facts = self.inspection.facts()
        findings = judge(facts, self.asked)
        fails = any(finding.refuses or finding.stops for finding in findings)
        return Part(
            name="redis",
            status=Status.FAIL if fails else Status.WARN if findings else Status.PASS,
            value=durability_in_words(facts, self.asked),
            advice="; ".join(finding.text for finding in findings),
        )

    def _replicas(self) -> Part | None:
        """Those that must have a push, if any must: one that is connected may lag, or stand still."""
        if not (wanted := self.asked.replicas):
            return None
        confirming = self.census.confirming(wanted)
        return Part(
            name="replicas",
            status=Status.PASS if confirming >= wanted else Status.WARN,
            value=f"{confirming} of {wanted} confirm in time",
            advice="" if confirming >= wanted else "every push goes to the spool as well until they do; see to them",
        )

    def _spool(self) -> Part:
        try:
            depth, free = self.spool.depth(), self.spool.free()
        except SpoolAway as fault:
            return _no_spool(str(fault))
        least = min(ROOM_FOR_A_PUSH, depth.most / 2)
        if free < least:
            return _no_spool("its disk is full")
        is_full = depth.most - depth.size < least
        status = Status.FAIL if is_full else Status.WARN if depth.pushes else Status.PASS
        advice = "pushes are kept on this machine's disk until Redis has them safely" if depth.pushes else ""
        return Part(name="spool", status=status, value=depth.pushes, unit="pushes", advice=advice)

    def _counters(self) -> Part:
        if self.counts_in_memory():
            advice = "see to the disk of the data directory; until then /metrics lacks what this process counts"
            return Part(name="metrics", status=Status.WARN, value="in memory, for the disk is full", advice=advice)
        return Part(name="metrics", status=Status.PASS, value="shared")

    def _processes(self) -> list[Part]:
        alive = self.census.alive()
        return [
            Part(
                name=name,
                status=Status.PASS if alive.get(role) else without,
                value=alive.get(role, 0),
                unit="processes",
                advice="" if alive.get(role) else advice,
            )
            for name, role, without, advice in ROLES
        ]

    def _sharing(self) -> Iterator[Part]:
        """Which worker serves how much, where there are several: the intake as one lot, the sinks as another."""
        served = self.census.served()
        yield from filter(None, [sharing_part(what, served[stage]) for stage, what in SHARED])

    def _streams(self, now: datetime, layout: Layout) -> list[Part]:
        lags, oldest = self.census.lags(), self.census.oldest()
        partitions = {Stage.ROUTE: layout.intake.streams}
        parts = [
            replace(stage_part(stage, lag, oldest.get(stage), now), streams=partitions.get(stage))
            for stage, lag in lags.items()
        ]
        known = self.sinks()
        for sink, depth in self.census.depths(now).items():
            side = far_side_of(depth)
            if known is not None and sink not in known:
                parts.append(lost_sink_part(sink, side.waiting))
            else:
                ready = 0 if depth.is_gathering else depth.waiting
                shards = depth.shards if depth.shards > 1 else None
                parts.append(replace(sink_part(sink, side, ready, depth.due_since, now), streams=shards))
        return parts + [
            Part(
                name=f"route:{route}",
                status=Status.WARN,
                value="paused",
                advice=f"{pause}; `hookrouter resume {route}` lets it go on",
            )
            for route, pause in self.census.paused_routes(now).items()
        ]

    def _spreads(self, now: datetime, layout: Layout) -> list[Part]:
        """What is being spread over another number of streams."""
        left = self.census.left_behind(layout, now)
        return [spread_part(name, spread, left[name], now) for name, spread in sorted(layout.changing.items())]

    def _kept(self) -> list[Part]:
        counts = self.census.set_aside()
        dead = self.census.dead_groups() if counts.get("dead") else ()
        return kept_parts(counts, dead, self.census.newest_rejected() if counts.get("rejected") else None)

    def _crm(self, now: datetime) -> Iterator[Part]:
        """How the CRM does, who waits for it, and how many calls of the day are made."""
        quota, away = self.census.crm_quota(), None if self.has_crm is False else self.census.crm_away()
        yield crm_part(away, is_configured=self.has_crm)
        yield from filter(None, [withheld_part(self.census.withheld(), away, quota, now), calls_part(quota, away)])

    def _configuration(self) -> Part:
        revision, refused = self.configuration()
        return Part(
            name="configuration",
            status=Status.WARN if refused else Status.PASS,
            value=revision,
            advice=f"the file is refused, what was in force before stays so: {refused}" if refused else "",
        )

    def _alerts(self, now: datetime) -> Iterator[Part]:
        """What people are told of, where anybody is, and the last push, which may be too old."""
        on = self.alerts()
        yield last_push_part(self.census.last_push(), (on or {}).get(AlertKind.NO_PUSH_FOR), now)
        if on is not None:
            yield alerts_part(self.book.read()[1], now)


def _no_spool(why: str) -> Part:
    return Part(name="spool", status=Status.FAIL, value=why, advice="see to the disk of the data directory")


def _redis_away(fault: StoreAway, status: Status, spool: Part) -> Part:
    """Why Redis takes nothing, and how many pushes wait for it: one line is all that some watchers show."""
    waiting = spool.value if spool.unit else 0
    value = f"{fault}; {waiting} pushes wait in the spool" if waiting else str(fault)
    return Part(name="redis", status=status, value=value, advice=fault.advice)
