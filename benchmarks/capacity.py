"""Measures what one lead costs: bytes in Redis wherever it waits or is kept, and CPU by process and stage."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from benchmarks import pushing
from benchmarks.capacity_costs import BACKLOG, LIVE, live
from benchmarks.children import children_of, cpu_of, cpu_of_family
from benchmarks.figures import Figures
from benchmarks.leads import some_leads
from benchmarks.scale import USUAL, Scale
from benchmarks.servers import Stage, our_receiver, our_worker
from hookrouter.domain.change import compare
from hookrouter.domain.delivery import Delivery, Occasion, make_delivery
from hookrouter.domain.ids import PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Lead, lead_key
from hookrouter.domain.routing import Enrichment
from hookrouter.store import streams
from hookrouter.store.keys import Keys
from hookrouter.wire.kept.enriching import write_enriching
from hookrouter.wire.kept.records import write_delivery, write_hydrating

KEYS = Keys("capacity")
SINK, ROUTE, CRM = SinkName("sink"), RouteName("every"), SourceName("crm")
AT = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)
FIELDS = 40
COUNT = 2_000
IDLE_SECONDS = 6.0
LIVE_SECONDS = 5
"""As often as what else is paced lasts."""
LONGEST = 60.0


def measure_capacity(stage: Stage, scale: Scale) -> Figures:
    """Bytes and microseconds a lead, and what an idle fleet uses."""
    found = {f"bytes, {leads} a push": _kept_and_waiting(stage, leads) for leads in (1, USUAL)}
    found |= {"bytes, ahead of sinks": _waiting_records(stage), f"cpu, {BACKLOG}": _cpu(stage, scale)}
    seconds = LIVE_SECONDS * scale.paced
    return {**found, **{f"cpu, {live(rate)}": _cpu_live(stage, rate, each, seconds) for rate, each in LIVE.items()}}


def _kept_and_waiting(stage: Stage, leads: int) -> dict[str, float]:
    """Bytes a lead by the first words of the keys, with all leads pushed, and after they were delivered.

    Some are delivered beforehand, so that scripts, tables of keys and all that is there once is not counted.
    """
    stage.forget()
    _push(stage, leads)
    _deliver(stage)
    empty, none = _used(stage), memory_by_word(stage.store, "hr")
    _push(stage, leads)
    waiting, pushed = _used(stage) - empty, memory_by_word(stage.store, "hr")
    _deliver(stage)
    total, kept = _used(stage) - empty, memory_by_word(stage.store, "hr")
    stage.forget()
    of_push = ("push", "sent-before", "pushes", "before")
    sizes = {"push": sum(kept[word] - none[word] for word in of_push), "intake": pushed["intake"] - none["intake"]}
    sizes |= {word: kept[word] - none[word] for word in ("snapshot", "attempts", "confirmed")}
    return {
        **{word: size / COUNT for word, size in sizes.items()},
        "used while it waits": waiting / COUNT,
        "used when it is delivered": total / COUNT,
    }


def _push(stage: Stage, leads: int) -> None:
    stage.sink.reset()
    with our_receiver(stage) as (_, port):
        pushing.push_all(port, leads, pushes=COUNT // leads)
    time.sleep(0.5)  # its connections are gone


def _deliver(stage: Stage) -> None:
    with our_worker(stage):
        stage.sink.await_leads(COUNT, within=LONGEST)
        time.sleep(1.0)  # the last ones are settled
    time.sleep(0.5)


def _waiting_records(stage: Stage) -> dict[str, float]:
    """Bytes a lead in each place before a sink, as the product's own records and streams have it."""
    stage.forget()
    leads = [_lead(number) for number in range(COUNT)]
    for number, lead in enumerate(leads):
        delivery = _delivery(number, lead)
        push, at = delivery.push, delivery.received_at
        waiting = write_enriching(Enrichment(last=timedelta(days=1)), [delivery], at)
        commands: list[tuple[Any, ...]] = [
            streams.append(KEYS.hydrate(), write_hydrating(push, CRM, at, [(0, lead)], prove=False)),
            streams.append(KEYS.enrich(0), waiting),
            streams.append(KEYS.outbox(SINK), write_delivery(delivery)),
            ("HSET", KEYS.retry_records(SINK), delivery.id, write_delivery(delivery.with_attempt(AT))),
            ("ZADD", KEYS.retries(SINK), 1.0, delivery.id),
            ("RPUSH", KEYS.lane(SINK, lead.key), delivery.id),
        ]
        for command in commands:
            stage.store.execute_command(*command)
    found = memory_by_word(stage.store, KEYS.prefix)
    stage.forget()
    retry = found["retry"] + found["retry-records"] + found["lane"]
    sizes = {"hydrate": found["hydrate"], "enrich": found["enrich"], "outbox": found["outbox"], "retry": retry}
    return {word: size / COUNT for word, size in sizes.items()}


def _cpu(stage: Stage, scale: Scale) -> dict[str, float]:
    """Microseconds of CPU a lead in each process, from a backlog; and a fleet's CPU a second while nothing comes."""
    stage.forget()
    stage.sink.reset()
    leads = scale.leads // USUAL * USUAL
    with our_receiver(stage) as (receiver, port):
        before = receiver.cpu(), stage.valkey.cpu()
        pushing.push_all(port, USUAL, pushes=leads // USUAL)
        received, stored = receiver.cpu() - before[0], stage.valkey.cpu() - before[1]
        with our_worker(stage) as worker:
            first = stage.sink.await_leads(1, within=LONGEST)["distinct"]
            [router] = children_of(worker.pid)
            began = cpu_of(worker.pid), cpu_of(router), stage.valkey.cpu()
            stage.sink.await_leads(leads, within=LONGEST)
            ended = cpu_of(worker.pid), cpu_of(router), stage.valkey.cpu()
            time.sleep(2.0)
            idle = receiver.cpu() + worker.cpu() + stage.valkey.cpu()
            time.sleep(IDLE_SECONDS)
            idle = receiver.cpu() + worker.cpu() + stage.valkey.cpu() - idle
    stage.forget()
    rest = leads - first
    deliver, route, drained = ((after - before) / rest * 1e6 for before, after in zip(began, ended, strict=True))
    return {
        "receiver": received / leads * 1e6,
        "router": route,
        "worker": deliver,
        "valkey": stored / leads * 1e6 + drained,
        "idle share of a core": idle / IDLE_SECONDS,
    }


def _cpu_live(stage: Stage, rate: int, leads: int, seconds: float) -> dict[str, float]:
    """The same while leads come at a steady rate, without what the fleet uses anyhow."""
    stage.forget()
    stage.sink.reset()
    with our_receiver(stage) as (receiver, port), our_worker(stage) as worker:
        pushing.pace(port, leads, rate=rate / leads, seconds=2.0)  # all is warm, and the worker has begun
        stage.sink.await_leads(int(rate / leads * 2.0) * leads, within=LONGEST)
        time.sleep(2.0)
        [router] = children_of(worker.pid)

        def used() -> dict[str, float]:
            own = {"router": cpu_of(router), "worker": cpu_of(worker.pid)}
            return {"receiver": receiver.cpu(), **own, "valkey": cpu_of_family(stage.valkey.pid)}

        began = time.monotonic(), used()
        time.sleep(IDLE_SECONDS)
        idled = time.monotonic(), used()
        stage.sink.reset()
        pushes = pushing.pace(port, leads, rate=rate / leads, seconds=seconds).pushes
        stage.sink.await_leads(pushes * leads, within=LONGEST)
        time.sleep(1.0)  # the last ones are settled
        ended = time.monotonic(), used()
    stage.forget()
    idle = {name: (idled[1][name] - began[1][name]) / (idled[0] - began[0]) for name in began[1]}
    spent = {name: ended[1][name] - idled[1][name] - idle[name] * (ended[0] - idled[0]) for name in idle}
    return {name: max(0.0, each) / (pushes * leads) * 1e6 for name, each in spent.items()}


def _lead(number: int) -> Lead:
    [fields] = some_leads(1)
    more = {f"custom_{n}": "some words of a field" for n in range(FIELDS - len(fields))}
    fields = {**fields, **more, "id": str(718281920000 + number)}
    key = lead_key(fields)
    assert key is not None  # it has an id
    return Lead(key=key, fields=fields)


def _delivery(number: int, lead: Lead) -> Delivery:
    occasion = Occasion(push=PushId(f"p_{number:024x}"), source=CRM, place=0, received_at=AT)
    return make_delivery(occasion, compare(lead, None), ROUTE, SINK)


def memory_by_word(store: redis.Redis, prefix: str) -> dict[str, float]:
    """What MEMORY USAGE tells of all keys, by their first words."""
    sizes: dict[str, float] = defaultdict(float)
    for some in _in_pieces(list(store.scan_iter(f"{prefix}:*", count=1000))):
        pipeline = store.pipeline(transaction=False)
        for name in some:
            pipeline.memory_usage(name, samples=0)
        for name, size in zip(some, pipeline.execute(), strict=True):
            sizes[name.decode().split(":")[1]] += size or 0
    return sizes


def _in_pieces(names: list[bytes]) -> Iterator[list[bytes]]:
    for at in range(0, len(names), 1000):
        yield names[at : at + 1000]


def _used(stage: Stage) -> int:
    return int(stage.store.info("memory")["used_memory"])
