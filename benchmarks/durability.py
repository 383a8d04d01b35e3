"""Measures what each word of `receiver.durability` costs, with Redis set up to keep it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import redis

from benchmarks.children import Child
from benchmarks.figures import Answers, Figures, median_answers
from benchmarks.receiving import saturated, warm
from benchmarks.scale import USUAL, Scale
from benchmarks.servers import CONFIGURATION, TOKEN, Stage, our_receiver
from hookrouter.domain.durability import Durability
from hookrouter.supervise.embedded import EmbeddedServer
from hookrouter.supervise.free_port import LOOPBACK

FLUSHES = {Durability.MEMORY: "no", Durability.EVERYSEC: "everysec"}
"""What the server's `appendfsync` is, where it is not `always`; for `memory` there is no file at all."""


def measure_durability(stage: Stage, scale: Scale) -> Figures:
    """Pushes a second and how long an answer takes, by durability, and how many needed no copy in the spool."""
    runs: dict[str, list[Answers]] = defaultdict(list)
    for _ in range(scale.rounds):
        for durability in Durability:
            runs[durability.value].append(_measure(stage, durability, scale.saturated))
    _set(stage.store, Durability.FSYNC)
    return {
        name: {**median_answers(each), "in_redis_percent": 100 * _share_in_redis(stage.folder / f"{name}.log")}
        for name, each in runs.items()
    }


def _measure(stage: Stage, durability: Durability, seconds: float) -> Answers:
    _set(stage.store, durability)
    with ExitStack() as stack:
        if durability is Durability.REPLICATED:
            stack.enter_context(_replica(stage))
        child, port = stack.enter_context(warm(_asking(stage, durability), our_receiver))
        answers = saturated(stage, (child, port), USUAL, seconds)
    with (stage.folder / f"{durability}.log").open("a", encoding="utf-8") as log:
        log.write(child.log.read_text("utf-8"))
    child.log.unlink()
    return answers


def _share_in_redis(log: Path) -> float:
    """Of the pushes that a receiver answered, those that it did not spool: these alone are what was to be measured."""
    kept = [orjson.loads(line)["kept"] for line in log.read_bytes().splitlines() if b'"kept"' in line]
    return kept.count("redis") / len(kept)


def _asking(stage: Stage, durability: Durability) -> Stage:
    """The stage with a configuration that asks for this."""
    text = CONFIGURATION.format(token=TOKEN, url=stage.sink.url, signing="")
    text = text.replace("receiver: {", f"receiver: {{durability: {durability}, ")
    name = f"{durability}.yaml"
    (stage.folder / name).write_text(text, encoding="utf-8")
    return replace(stage, configuration=name)


def _set(store: redis.Redis, durability: Durability) -> None:
    store.config_set("appendfsync", FLUSHES.get(durability, "always"))
    store.config_set("appendonly", "no" if durability is Durability.MEMORY else "yes")


@contextmanager
def _replica(stage: Stage) -> Iterator[Child]:
    """A second server in step with the first, on the same disk, which flushes every write as well."""
    server = EmbeddedServer.prepare(stage.folder / "replica")
    primary = [*("--replicaof", LOOPBACK, str(stage.server.port)), "--masterauth", stage.server.password]
    with Child([*server.command(), *primary], {}, stage.folder / "replica.log") as child:
        yield child.await_ready(lambda: _is_in_step(stage.store))


def _is_in_step(store: redis.Redis) -> bool:
    said = store.info("replication")
    return said.get("slave0", {}).get("state") == "online"
