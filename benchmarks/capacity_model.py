"""What a load costs: Redis memory over time, cores, calls of the CRM and the time to drain, from measured constants.

python -m benchmarks.capacity_model

Pure and deterministic: nothing is started. `python -m benchmarks.run --only capacity` measures the constants.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, inf

DAY = 86_400.0
GIB = 1 << 30
STEPS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one lead costs; bytes in Redis, microseconds of CPU. Measured, with leads of 38 fields in pushes of 25.

    Attributes:
        push: of a kept push, for each of its leads; `intake` while it waits to be routed.
        outbox: while it waits for a sink; `retry`, for its next attempt; `hydrate` and `enrich`, for the CRM.
        snapshot: of a lead as last seen; `attempt` of the log; `confirmed` for some minutes after a delivery.
        receiver, router, worker, valkey: CPU.
        idle: of a fleet without leads, of a core.
    """

    push: float = 1_020.0
    intake: float = 1_040.0
    hydrate: float = 1_250.0
    enrich: float = 1_470.0
    outbox: float = 1_360.0
    retry: float = 1_650.0
    snapshot: float = 1_180.0
    attempt: float = 310.0
    confirmed: float = 70.0
    receiver: float = 98.0
    router: float = 142.0
    worker: float = 366.0
    valkey: float = 111.0
    idle: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What runs, and what is kept.

    Attributes:
        sinks: each lead goes to so many; `latency` is the seconds each takes, `concurrency` deliveries at once to each.
        known: different leads there are at most.
        read_back: whether each push is read back; `enriched`, calls for each lead's history and lists.
        gathered: seconds for which leads that are read back gather while the call before is under way.
        reconcile: seconds between two looks at what pushes missed, 0 for none.
    """

    workers: int = 1
    partitions: int = 4
    shards: int = 1
    sinks: int = 1
    latency: float = 0.05
    concurrency: int = 32
    keep_pushes: float = 7 * DAY
    keep_deliveries: float = 7 * DAY
    most_attempts: int = 100_000
    known: int = 1_000_000
    read_back: bool = False
    enriched: float = 0.0
    gathered: float = 0.5
    a_call: int = 500
    reconcile: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Leads a second for some seconds, or a number of leads at once, as fast as the receiver takes them."""

    name: str
    rate: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What stands in Redis at a moment of a run."""

    at: float
    received: float
    routed: float
    delivered: float
    bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a load comes to.

    Attributes:
        moments: over the time of the load, and until all is delivered.
        peak: the most bytes.
        drained: seconds from the last push until all is delivered; infinite when more comes than goes.
        cores: of all processes with Redis, at the rate that really goes through.
        calls: of the CRM in a day.
    """

    load: Load
    moments: Sequence[Moment] = field(repr=False)
    peak: float
    drained: float
    cores: float
    calls: float


def routed_a_second(costs: Costs, setup: Setup) -> float:
    """One router process a worker, each partition by one of them."""
    return min(setup.workers, setup.partitions) * 1e6 / costs.router


def delivered_a_second(costs: Costs, setup: Setup) -> float:
    """Leads: each shard of each sink is served by one worker at a time, which has one core for all its sinks."""
    by_core = setup.workers * 1e6 / (costs.worker * setup.sinks)
    by_sink = setup.shards * min(setup.concurrency / setup.latency, 1e6 / costs.worker)
    return min(by_core, by_sink)


def received_a_second(costs: Costs, processes: int = 2) -> float:
    """By the receiver's processes."""
    return processes * 1e6 / costs.receiver


def bytes_at(costs: Costs, setup: Setup, moment: tuple[float, float, float], pushed: float) -> float:
    """Redis memory: what waits, what is kept of pushes and of leads, and the log."""
    received, routed, delivered = moment
    waits = (received - routed) * costs.intake + (routed - delivered) * setup.sinks * costs.outbox
    kept = pushed * costs.push + min(routed, setup.known) * costs.snapshot
    logged = min(delivered * setup.sinks, setup.most_attempts) * costs.attempt
    return waits + kept + logged


def simulate(costs: Costs, setup: Setup, load: Load) -> Iterator[Moment]:
    """The load, then the draining, step by step; at most ten times as long as the load."""
    most_in, most_routed = received_a_second(costs), routed_a_second(costs, setup)
    most_out = delivered_a_second(costs, setup)
    rate, total = min(load.rate, most_in), load.rate * load.seconds
    step = max(total / rate, total / most_routed, total / most_out) / STEPS
    received = routed = delivered = at = 0.0
    while delivered < total * (1 - 1e-9) and at < 10 * STEPS * step:
        at += step
        received = min(total, received + rate * step)
        routed = min(received, routed + most_routed * step)
        delivered = min(routed, delivered + most_out * step)
        pushed = min(received, rate * setup.keep_pushes)
        size = bytes_at(costs, setup, (received, routed, delivered), pushed)
        yield Moment(at=at, received=received, routed=routed, delivered=delivered, bytes=size)


def calls_a_day(setup: Setup, load: Load) -> float:
    """By read-back, a call for what gathered meanwhile; by history and lists, each lead's; by reconciliation."""
    leads = load.rate * min(load.seconds, DAY)
    gathered = max(1.0, min(setup.a_call, load.rate * setup.gathered))
    read_back = leads / gathered if setup.read_back else 0.0
    looks = DAY / setup.reconcile if setup.reconcile else 0.0
    changes = leads / setup.a_call if setup.reconcile else 0.0
    return read_back + leads * setup.enriched + 2 * looks + changes


def look_ahead(costs: Costs, setup: Setup, load: Load) -> Outlook:
    """All of it."""
    moments = list(simulate(costs, setup, load))
    total = load.rate * load.seconds
    through = min(load.rate, received_a_second(costs), routed_a_second(costs, setup), delivered_a_second(costs, setup))
    a_lead = costs.receiver + costs.router + setup.sinks * costs.worker + costs.valkey
    last_push = next(each.at for each in moments if each.received >= total * (1 - 1e-9))
    is_drained = moments[-1].delivered >= total * (1 - 1e-6)
    return Outlook(
        load=load,
        moments=moments,
        peak=max(each.bytes for each in moments),
        drained=moments[-1].at - last_push if is_drained else inf,
        cores=costs.idle + through * a_lead / 1e6,
        calls=calls_a_day(setup, load),
    )


def sized(costs: Costs, setup: Setup, load: Load) -> Setup:
    """The same with the fewest shards and workers that keep up, and a third to spare."""
    wanted = load.rate * 4 / 3
    shards = ceil(wanted / delivered_a_second(costs, replace(setup, shards=1, workers=64)))
    partitions = max(setup.partitions, ceil(wanted / routed_a_second(costs, replace(setup, workers=1))))
    for workers in range(1, 65):
        more = replace(setup, shards=shards, partitions=partitions, workers=workers)
        if min(routed_a_second(costs, more), delivered_a_second(costs, more)) >= wanted:
            return more
    raise ValueError(load.name)


BURST = 1_000_000
LOADS = (
    Load(name="10 leads/s", rate=10, seconds=30 * DAY),
    Load(name="100 leads/s", rate=100, seconds=30 * DAY),
    Load(name="1,000 leads/s", rate=1_000, seconds=30 * DAY),
)
QUOTA = 50_000
"""Calls of the CRM a day."""


def burst(costs: Costs) -> Load:
    """A million leads, as fast as they are taken."""
    rate = received_a_second(costs)
    return Load(name="1,000,000 at once", rate=rate, seconds=BURST / rate)


def loads_table(costs: Costs) -> str:
    """What steady loads take, as Markdown."""
    head = ("load", "workers, shards", "cores in use", *(f"Redis, pushes kept {d} d" for d in (7, 1)))
    return _table((*head, "CRM calls a day: reconciled", "read back, too", "enriched, too"), _load_rows(costs))


def _load_rows(costs: Costs) -> Iterator[tuple[str, ...]]:
    for load in LOADS:
        setup = sized(costs, Setup(), load)
        found = look_ahead(costs, setup, load)
        sizes = [look_ahead(costs, replace(setup, keep_pushes=days * DAY), load).peak for days in (7, 1)]
        calls = (
            calls_a_day(replace(setup, read_back=back, enriched=2.0 * history), load)
            for back, history in ((False, False), (True, False), (True, True))
        )
        told = (f"{each:,.0f}" if each <= QUOTA else f"**{each:,.0f}**" for each in calls)
        gibibytes = (f"{size / GIB:,.1f} GiB" for size in sizes)
        yield load.name, f"{setup.workers}, {setup.shards}", f"{found.cores:.2f}", *gibibytes, *told


def burst_table(costs: Costs) -> str:
    """A million leads at once, by how many workers and shards there are: Redis memory over time."""
    rows = []
    for workers in (1, 2, 4):
        found = look_ahead(costs, Setup(workers=workers, shards=workers), burst(costs))
        moments = [found.moments[round((len(found.moments) - 1) * share)] for share in (0.1, 0.25, 0.5, 1.0)]
        told = (f"{each.bytes / GIB:.1f} GiB at {each.at / 60:,.0f} min" for each in moments)
        rows.append((str(workers), f"{found.peak / GIB:.1f} GiB", f"{found.drained / 60:,.0f} min", *told))
    return _table(
        (
            "workers, shards",
            "Redis, most",
            "drained after the last push",
            "after a tenth",
            "a quarter",
            "half",
            "all of it",
        ),
        rows,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    sys.stdout.write(f"{loads_table(Costs())}\n\n{burst_table(Costs())}\n")


if __name__ == "__main__":
    main()
