"""What a load costs: Redis memory over time, cores, calls of the CRM and the time to drain, from measured constants.

Pure and deterministic: nothing is started. `benchmarks.capacity_page` tells what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, inf

from benchmarks.capacity_costs import BACKLOG, Costs
from benchmarks.scale import USUAL

DAY = 86_400.0
STEPS = 2_000
QUOTA = 50_000
"""Calls of the CRM a day, which its answers name; older contracts had 5,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What runs, and what is kept.

    Attributes:
        places: HOOKROUTER_WORKER_CONCURRENCY, deliveries under way at once in one worker.
        sinks: each lead goes to so many; `latency` is the seconds each takes, `concurrency` deliveries at once to each
            of its shards.
        known: different leads there are at most.
        read_back: whether each push is read back; `enriched`, calls for each lead's history and lists.
        call_takes: seconds of a call, in which leads that are read back gather for the next, up to `a_call`.
        calls_a_second: the most, nine tenths of `crm.rate_limit`; `histories`, the part of the day's for histories.
        reconcile: seconds between two looks at what pushes missed, 0 for none.
    """

    workers: int = 1
    places: int = 256
    partitions: int = 4
    shards: int = 1
    sinks: int = 1
    latency: float = 0.05
    concurrency: int = 32
    keep_pushes: float = 7 * DAY
    most_attempts: int = 100_000
    known: int = 1_000_000
    read_back: bool = False
    enriched: float = 0.0
    call_takes: float = 0.5
    a_call: int = 500
    calls_a_second: float = 3.6
    histories: float = 0.9
    reconcile: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Leads a second for some seconds, or a number of leads at once, as fast as the receiver takes them."""

    name: str
    rate: float
    seconds: float
    leads_a_push: int = USUAL
    at_once: bool = False

    @property
    def leads(self) -> float:
        return self.rate * self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How many leads had come so far at a moment, to each place, and what stands in Redis."""

    at: float
    received: float
    read_back: float
    routed: float
    enriched: float
    delivered: float
    bytes: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a load comes to.

    Attributes:
        moments: over the time of the load, and until all is delivered.
        peak: the most bytes.
        drained: seconds from the last push until all is delivered; infinite when more comes than goes.
        cpu: seconds of a core, of all of hookrouter's processes and Redis; `cores`, while it lasts.
        calls: of the CRM, in a day of a steady load, or for all that came at once.
    """

    load: Load
    moments: Sequence[Moment] = field(repr=False)
    peak: float
    drained: float
    cpu: float
    cores: float
    calls: float

    @property
    def days(self) -> float:
        """How many days' calls these are."""
        return self.calls / QUOTA


def busy_workers(setup: Setup, streams: int) -> float:
    """As many workers as these streams keep busy, where each is one worker's: one has a stream more than another."""
    return streams / ceil(streams / setup.workers)


def routed_a_second(costs: Costs, setup: Setup) -> float:
    """One router process a worker; they share the partitions evenly."""
    return busy_workers(setup, setup.partitions) * 1e6 / costs.cpu[BACKLOG].router


def delivered_a_second(costs: Costs, setup: Setup) -> float:
    """Leads: each shard of each sink is one worker's, which has one core and so many places for all of them."""
    a_worker = min(1e6 / costs.cpu[BACKLOG].worker, setup.places / setup.latency)
    by_workers = busy_workers(setup, setup.shards * setup.sinks) * a_worker / setup.sinks
    by_sink = setup.shards * min(setup.concurrency / setup.latency, 1e6 / costs.cpu[BACKLOG].worker)
    return min(by_workers, by_sink, 1e6 / costs.cpu[BACKLOG].valkey)


def received_a_second(costs: Costs, processes: int = 2) -> float:
    """By the receiver's processes."""
    return processes * 1e6 / costs.cpu[BACKLOG].receiver


def read_back_a_second(setup: Setup) -> float:
    """One call after the other, of so many leads."""
    return setup.a_call * min(setup.calls_a_second, 1 / setup.call_takes) if setup.read_back else inf


def enriched_a_second(setup: Setup) -> float:
    """By the calls of a second, and in the long run by those of a day."""
    calls = min(setup.calls_a_second, setup.histories * QUOTA / DAY)
    return calls / setup.enriched if setup.enriched else inf


def bytes_at(costs: Costs, setup: Setup, now: Moment, pushed: float) -> float:
    """Redis memory: what waits, what is kept of pushes and of leads, and the log."""
    waits = (now.received - now.read_back) * costs.hydrate + (now.read_back - now.routed) * costs.intake
    waits += (now.routed - now.enriched) * costs.enrich + (now.enriched - now.delivered) * setup.sinks * costs.outbox
    kept = pushed * costs.push + min(now.routed, setup.known) * costs.snapshot
    logged = min(now.delivered * setup.sinks, setup.most_attempts) * costs.attempt
    return waits + kept + logged


def simulate(costs: Costs, setup: Setup, load: Load) -> Iterator[Moment]:
    """The load, then the draining, step by step; at most ten times as long as the load."""
    rates = [
        min(load.rate, received_a_second(costs)),
        read_back_a_second(setup),
        routed_a_second(costs, setup),
        enriched_a_second(setup),
        delivered_a_second(costs, setup),
    ]
    step = max(load.leads / each for each in rates) / STEPS
    reached, at = [0.0] * len(rates), 0.0
    while reached[-1] < load.leads * (1 - 1e-9) and at < 10 * STEPS * step:
        at, before = at + step, load.leads
        for place, rate in enumerate(rates):
            before = reached[place] = min(before, reached[place] + rate * step)
        received, read_back, routed, enriched, delivered = reached
        now = Moment(
            at=at, received=received, read_back=read_back, routed=routed, enriched=enriched, delivered=delivered
        )
        gone = max(0.0, at - setup.keep_pushes) * rates[0]
        yield replace(now, bytes=bytes_at(costs, setup, now, max(0.0, received - gone)))


def calls_of(setup: Setup, load: Load) -> float:
    """By read-back, a call for what gathered meanwhile; by history and lists, each lead's; by reconciliation."""
    leads = load.rate * min(load.seconds, DAY)
    gathered = max(1.0, min(setup.a_call, load.rate * setup.call_takes))
    read_back = leads / gathered if setup.read_back else 0.0
    looks = DAY / setup.reconcile if setup.reconcile else 0.0
    changes = leads / setup.a_call if setup.reconcile else 0.0
    return read_back + leads * setup.enriched + 2 * looks + changes


def look_ahead(costs: Costs, setup: Setup, load: Load) -> Outlook:
    """All of it."""
    costs = costs.in_pushes_of(load.leads_a_push)
    moments = list(simulate(costs, setup, load))
    last_push = next(each.at for each in moments if each.received >= load.leads * (1 - 1e-9))
    is_drained = moments[-1].delivered >= load.leads * (1 - 1e-6)
    a_lead = (costs.cpu[BACKLOG] if load.at_once else costs.cpu_at(load.rate)).a_lead(setup.sinks)
    cpu = moments[-1].delivered * a_lead / 1e6
    return Outlook(
        load=load,
        moments=moments,
        peak=max(each.bytes for each in moments),
        drained=moments[-1].at - last_push if is_drained else inf,
        cpu=cpu,
        cores=costs.idle + cpu / moments[-1].at,
        calls=calls_of(setup, load),
    )


def caught_up_after(costs: Costs, setup: Setup, load: Load, away: float) -> float:
    """Seconds until nothing waits any more after the sink was away for so many, while leads go on coming."""
    spare = delivered_a_second(costs, setup) - load.rate
    return load.rate * away / spare if spare > 0 else inf


def sized(costs: Costs, setup: Setup, load: Load) -> Setup:
    """The same with the fewest shards and workers that keep up, and a third to spare."""
    wanted = load.rate * 4 / 3
    partitions = max(setup.partitions, ceil(wanted / routed_a_second(costs, replace(setup, partitions=1))))
    for workers in range(1, 65):
        for shards in range(setup.shards, 65):
            more = replace(setup, shards=shards, partitions=partitions, workers=workers)
            if min(routed_a_second(costs, more), delivered_a_second(costs, more)) >= wanted:
                return more
    raise ValueError(load.name)


BURST = 1_000_000
LOADS = (
    Load(name="10 leads/s", rate=10, seconds=30 * DAY, leads_a_push=1),
    Load(name="100 leads/s", rate=100, seconds=30 * DAY, leads_a_push=1),
    Load(name="1,000 leads/s", rate=1_000, seconds=30 * DAY),
)


def burst(costs: Costs) -> Load:
    """A million leads, as fast as they are taken."""
    rate = received_a_second(costs)
    return Load(name="1,000,000 at once", rate=rate, seconds=BURST / rate, at_once=True)
