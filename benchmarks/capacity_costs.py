"""What one lead costs, as it was measured: the constants of `constants.json`, which `benchmarks.run` writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import orjson

from benchmarks.figures import Figures
from benchmarks.scale import USUAL

CONSTANTS = Path(__file__).with_name("constants.json")
LIVE = {10: 1, 100: 1, 1_000: USUAL}
"""Leads a second that were measured as they come, with how many stand in a push."""
BACKLOG = "backlog"


def live(rate: int) -> str:
    """What the figures of a rate are known by."""
    return f"live, {rate} leads/s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """Microseconds of CPU for one lead; `worker`, for one lead at one sink."""

    receiver: float
    router: float
    worker: float
    valkey: float

    def a_lead(self, sinks: int = 1) -> float:
        """In all."""
        return self.receiver + self.router + sinks * self.worker + self.valkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one lead costs; bytes in Redis, CPU.

    Attributes:
        push: of a kept push, for each of its leads; `intake` while it waits to be routed.
        outbox: while it waits for a sink; `retry`, for its next attempt; `hydrate` and `enrich`, for the CRM.
        snapshot: of a lead as last seen; `attempt` of the log; `confirmed` for some minutes after a delivery.
        cpu: by how leads come; from a backlog they are taken many at once, so each costs least.
        idle: of a fleet without leads, of a core.
        delivered: what Redis' own count of its memory grew by, for each lead that was delivered.
        alone: what `push`, `intake`, `confirmed`, `delivered` are where each lead comes in a push of its own.
    """

    push: float
    intake: float
    hydrate: float
    enrich: float
    outbox: float
    retry: float
    snapshot: float
    attempt: float
    confirmed: float
    delivered: float
    idle: float
    cpu: Mapping[str, Cpu]
    alone: Mapping[str, float]

    @classmethod
    def read(cls, file: Path = CONSTANTS) -> Self:
        """As they were kept."""
        values = orjson.loads(file.read_bytes())
        return cls(**{**values, "cpu": {name: Cpu(**each) for name, each in values["cpu"].items()}})

    def keep(self, file: Path) -> None:
        """Write them."""
        file.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    @classmethod
    def of(cls, found: Figures) -> Self:
        """Those that a run measured, rounded to what it can tell."""
        pushes = (f"{USUAL} a push", "1 a push", "ahead of sinks")
        usual, alone, ahead = (_bytes_of(found[f"bytes, {of}"]) for of in pushes)
        waiting = {name: ahead[name] for name in ("hydrate", "enrich", "outbox", "retry")}
        kinds = [BACKLOG, *map(live, LIVE)]
        return cls(
            push=usual["push"],
            intake=usual["intake"],
            snapshot=usual["snapshot"],
            attempt=usual["attempts"],
            confirmed=usual["confirmed"],
            delivered=usual["delivered"],
            **waiting,
            idle=round(found[f"cpu, {BACKLOG}"]["idle share of a core"], 3),
            cpu={kind: _cpu_of(found[f"cpu, {kind}"]) for kind in kinds},
            alone={name: alone[name] for name in ("push", "intake", "confirmed", "delivered")},
        )

    def in_pushes_of(self, leads: int) -> Costs:
        """The same by how many leads stand in a push."""
        return self if leads > 1 else replace(self, **self.alone)

    def cpu_at(self, rate: float) -> Cpu:
        """Of leads that come so fast: as measured at the next lower rate, where a lead costs rather more."""
        measured = [each for each in sorted(LIVE) if each <= rate] or [min(LIVE)]
        return self.cpu[live(measured[-1])]


def _bytes_of(found: Mapping[str, float]) -> dict[str, float]:
    sizes = {name: float(round(size, -1)) for name, size in found.items()}
    return {**sizes, "delivered": sizes.get("used when it is delivered", 0.0)}


def _cpu_of(found: Mapping[str, float]) -> Cpu:
    return Cpu(**{name: float(round(found[name])) for name in ("receiver", "router", "worker", "valkey")})
