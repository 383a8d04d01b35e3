"""Health: ask every part how it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.circuit import CIRCUIT_SAYS, Circuit, CircuitState
from hookrouter.domain.clocks_health import clocks_part
from hookrouter.domain.crm_health import calls_part, crm_part, loops_part, sweep_part, trust_part, withheld_part
from hookrouter.domain.durability import Asked
from hookrouter.domain.errors import SpoolAway, StoreAway
from hookrouter.domain.health import Part, Status, badness
from hookrouter.domain.ids import SinkName
from hookrouter.domain.preflight import durability_in_words, judge
from hookrouter.domain.silence import Silence
from hookrouter.domain.speed import speed_parts
from hookrouter.domain.watch_report import watch_parts
from hookrouter.ports.census import Census
from hookrouter.ports.inspection import Inspection
from hookrouter.ports.outbox import OutboxDepth
from hookrouter.ports.receiver import Spool
from hookrouter.ports.surroundings import Clock

ROOM_FOR_A_PUSH = 1024 * 1024
"""Bytes; with less room the spool or its disk counts as full, for most pushes would still fit, but not for long."""
LAG_WARNS = 1000
"""Entries in the streams of a stage beyond which a reader should look why."""
ROLES = (
    ("receiver", "receiver", Status.WARN, "no receiver lives: nothing can be pushed; start `hookrouter serve`"),
    ("workers", "worker", Status.FAIL, "no worker lives: pushes are kept, none delivered; start `hookrouter worker`"),
    ("scheduler", "scheduler", Status.WARN, "no scheduler lives: retries wait; start `hookrouter scheduler`"),
)
"""Each role: its name in the report, its heartbeat's, how bad it is without one, and what to do then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """Examines every part.

    Attributes:
        has_crm, sinks: as configured; None when nobody knows, for the file cannot be read.
        configuration: the revision in force, and why what stands in the files now is not ('' when it is).
        counts_in_memory: whether this process' counters found no room on the disk.
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

    def ready(self) -> list[Part]:
        """The parts without which this process could not take a push: Redis, or else the spool."""
        spool = self._spool()
        try:
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
            return [
                self._redis(),
                *filter(None, [self._replicas()]),
                *self._processes(now),
                *self._streams(now),
                *map(_silence, self.census.silences(now)),
                *self._kept(),
                self._spool(),
                self._counters(),
                self._last_push(now),
                clocks_part(*self.census.clocks(now), now),
                *speed_parts(self.census.speed(now)),
                *self._crm(now),
                *watch_parts(self.census.watch_report(now), now),
                *filter(None, [trust_part(self.census.push_trust(now)), sweep_part(self.census.sweep_doubt())]),
                *filter(None, [loops_part(self.census.crm_loops(), now)]),
                self._configuration(),
            ]
        except StoreAway as fault:
            spool = self._spool()
            return [_redis_away(fault, Status.FAIL, spool), spool, self._counters(), self._configuration()]

    def _redis(self) -> Part:
        facts = self.inspection.facts()
        findings = judge(facts, self.asked)
        refuses = any(finding.refuses for finding in findings)
        return Part(
            name="redis",
            status=Status.FAIL if refuses else Status.WARN if findings else Status.PASS,
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

    def _processes(self, now: datetime) -> list[Part]:
        alive = self.census.alive(now)
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

    def _streams(self, now: datetime) -> list[Part]:
        lags: dict[str, int] = {f"stream:{stage}": lag for stage, lag in self.census.lags().items()}
        parts = [_lag(name, lag, lag) for name, lag in lags.items()]
        known = self.sinks()
        for sink, depth in self.census.depths(now).items():
            is_lost = known is not None and sink not in known
            parts.append(_lost_sink(f"sink:{sink}", depth) if is_lost else _sink(f"sink:{sink}", depth, now))
        return parts + [
            Part(
                name=f"route:{route}",
                status=Status.WARN,
                value="paused",
                advice=f"{pause}; `hookrouter resume {route}` lets it go on",
            )
            for route, pause in self.census.paused_routes(now).items()
        ]

    def _kept(self) -> list[Part]:
        return [
            Part(
                name=name,
                status=Status.WARN if count else Status.PASS,
                value=count,
                unit="kept",
                advice=f"look at `hookrouter {name} list`" if count and name != "unreadable" else "",
            )
            for name, count in self.census.set_aside().items()
        ]

    def _crm(self, now: datetime) -> Iterator[Part]:
        """How the CRM does, who waits for it, and how many calls of the day are made."""
        quota, away = self.census.crm_quota(), None if self.has_crm is False else self.census.crm_away()
        yield crm_part(away, is_configured=self.has_crm)
        yield from filter(None, [withheld_part(self.census.withheld(), away, quota, now), calls_part(quota)])

    def _configuration(self) -> Part:
        revision, refused = self.configuration()
        return Part(
            name="configuration",
            status=Status.WARN if refused else Status.PASS,
            value=revision,
            advice=f"the file is refused, what was in force before stays so: {refused}" if refused else "",
        )

    def _last_push(self, now: datetime) -> Part:
        last = self.census.last_push()
        age = None if last is None else max(timedelta(), now - last).total_seconds()
        return Part(name="last_push", status=Status.PASS, value=age, unit="s")


def _sink(name: str, depth: OutboxDepth, now: datetime) -> Part:
    """How a sink does: its lag, unless it is paused or its circuit is not closed."""
    lag = _lag(name, 0 if depth.is_gathering else depth.waiting, depth.all_waiting)
    if depth.pause is not None and depth.pause.holds(now):
        sink = name.removeprefix("sink:")
        advice = f"{depth.pause}{_fallback_says(depth, now)}; `hookrouter resume {sink}` lets it go on"
        return replace(lag, status=Status.WARN, advice=advice)
    state = depth.circuit.state(now)
    if state is CircuitState.CLOSED:
        return lag
    elsewhere = _fallback_says(depth, now)
    advice = f"{CIRCUIT_SAYS[state]} ({depth.circuit.reason}){_until(depth.circuit, now)}{elsewhere}"
    return replace(lag, status=Status.WARN, advice=advice)


def _fallback_says(depth: OutboxDepth, now: datetime) -> str:
    """Whether another sink is told, or when it will be."""
    since = None if depth.fallback is None else depth.fallback.dead_since(depth.circuit, depth.pause, now)
    if depth.fallback is None or since is None:
        return ""
    if depth.falls_back(now):
        return f"; {depth.fallback.to} is told instead"
    return f"; from {since + depth.fallback.after:%H:%M:%S} UTC on {depth.fallback.to} is told instead"


def _silence(silence: Silence) -> Part:
    """A silence that holds: nobody is to wonder why messages do not come."""
    said = f"{', '.join(silence.sinks)} kept silent {str(silence).partition(' ')[2]}"
    return Part(
        name=f"silence:{silence.id}",
        status=Status.WARN,
        value="silent",
        advice=f"{said}; `hookrouter silence end {silence.id}` ends it",
    )


def _lost_sink(name: str, depth: OutboxDepth) -> Part:
    """How a sink does that the configuration does not name any more."""
    waiting = depth.all_waiting
    advice = "the configuration has no such sink any more: give it back, or what waits for it makes dead letters"
    status = Status.WARN if waiting else Status.PASS
    return Part(name=name, status=status, value=waiting, unit="entries", advice=advice if waiting else "")


def _until(circuit: Circuit, now: datetime) -> str:
    if circuit.until is None:
        return ""
    return f"; asked again at {circuit.until:%H:%M:%S} UTC" if circuit.waits(now) else "; the next delivery asks"


def _lag(name: str, lag: int, shown: int) -> Part:
    warns = lag > LAG_WARNS
    return Part(
        name=name,
        status=Status.WARN if warns else Status.PASS,
        value=shown,
        unit="entries",
        advice="it is drained more slowly than it fills; look at the workers and the sink" if warns else "",
    )


def _no_spool(why: str) -> Part:
    return Part(name="spool", status=Status.FAIL, value=why, advice="see to the disk of the data directory")


def _redis_away(fault: StoreAway, status: Status, spool: Part) -> Part:
    """Why Redis takes nothing, and how many pushes wait for it: one line is all that some watchers show."""
    waiting = spool.value if spool.unit else 0
    value = f"{fault}; {waiting} pushes wait in the spool" if waiting else str(fault)
    return Part(name="redis", status=status, value=value, advice="see that Redis runs and can be written to")
