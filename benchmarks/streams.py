"""Compares two ways to read a stream and remove what was done: a consumer group, and a lease without one.

A group writes at every step (what was given to whom, what is done), and with `appendfsync always` each write is
flushed before its answer. A lease makes the reader the only one, so that reading writes nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

import redis

from benchmarks.figures import Figures
from benchmarks.leads import LeadSeries
from benchmarks.scale import Scale
from benchmarks.servers import Stage
from hookrouter.store import streams
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.lease import take_lease

AT_ONCE = (1, 8, 100)
"""Entries a step: an idle system, the route stage, a busy outbox."""
STREAM = "compared"
GROUP = "readers"

Way = Callable[[AsyncRedisServer, int], Awaitable[None]]


def measure_streams(stage: Stage, scale: Scale) -> Figures:
    """Entries a second, and what was written to disk for each."""
    ways: dict[str, Way] = {"group": _by_group, "lease": _by_lease}
    found: Figures = {}
    for at_once in AT_ONCE:
        entries = min(scale.entries, 500 * at_once)
        runs = {name: [_run(stage, way, at_once, entries) for _ in range(3)] for name, way in ways.items()}
        for name, each in runs.items():
            rate, size = (median(values) for values in zip(*each, strict=True))
            found[f"{name}, {at_once} at once"] = {"entries_per_s": rate, "log_bytes_per_entry": size}
    stage.forget()
    return found


def _run(stage: Stage, way: Way, at_once: int, entries: int) -> tuple[float, float]:
    stage.forget()
    _fill(stage.store, entries)
    before = _log_size(stage.store)
    took = asyncio.run(_time(stage, way, at_once))
    return entries / took, (_log_size(stage.store) - before) / entries


async def _time(stage: Stage, way: Way, at_once: int) -> float:
    server = AsyncRedisServer(stage.server.url)
    await server.call("PING")
    began = time.perf_counter()
    await way(server, at_once)
    took = time.perf_counter() - began
    await server.close()
    return took


def _fill(store: redis.Redis, entries: int) -> None:
    record = LeadSeries(0).push(1)
    with store.pipeline(transaction=False) as pipeline:
        for _ in range(entries):
            pipeline.xadd(STREAM, {streams.FIELD: record})
        pipeline.execute()


async def _by_group(server: AsyncRedisServer, at_once: int) -> None:
    """As Redis' own documentation shows it, with the acknowledgement and the removal in one transaction."""
    await server.call("XGROUP", "CREATE", STREAM, GROUP, "0")
    read = ("XREADGROUP", "GROUP", GROUP, "reader", "COUNT", at_once, "STREAMS", STREAM, ">")
    while found := await server.call(*read):
        ids = [entry for entry, _ in found[0][1]]
        async with server.client.pipeline(transaction=True) as step:
            step.execute_command("XACK", STREAM, GROUP, *ids)
            step.execute_command("XDEL", STREAM, *ids)
            await step.execute()


async def _by_lease(server: AsyncRedisServer, at_once: int) -> None:
    """As hookrouter does it, its removal fenced by the lease."""
    lease = await take_lease(server, Keys("benchmark"), STREAM, "reader")
    assert lease is not None  # nobody else is here
    while found := await streams.read(server, STREAM, None, at_once):
        await lease.write([streams.remove(STREAM, [entry for entry, _ in found])])


def _log_size(store: redis.Redis) -> int:
    return int(store.info("persistence")["aof_current_size"])
