"""Measures two workers against one, at a slow sink that is cut into shards."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

from benchmarks import pushing
from benchmarks.children import PAUSE, Child
from benchmarks.figures import Figures
from benchmarks.scale import SLOW, USUAL, Scale
from benchmarks.servers import TOKEN, Stage, our_receiver
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.domain.pause import Pause
from hookrouter.store.keys import Keys
from hookrouter.store.standing import keep_pause
from hookrouter.wire.kept.layout import write_layout

ONE, TWO = "one worker", "two workers"
SHARDS = 4
SINK = SinkName("sink")
KEYS, SPREAD = Keys("hr"), Spread(SHARDS, 1)
OUTBOXES = [KEYS.outbox(SINK, *place) for place in SPREAD.own]
FEW, MANY = 16, 256
"""Deliveries under way at once in one worker. With few, the sink's time limits each worker, so that two take twice as
much by construction, if only they share: that is what is shown. With the default, the cores limit them."""
LEADS = {FEW: 4, MANY: 16}
"""As many times as slow sinks get."""
LEAST_LEADS = {FEW: 4_000, MANY: 30_000}
"""Half of them must be left once the second worker has its part, which takes it some seconds."""
LONGEST = 90.0
"""Seconds after which a run counts as stuck."""
CONFIGURATION = """\
version: 1
receiver: {{sources: {{crm: {{token: {token}}}}}}}
egress: {{allow: [127.0.0.0/8]}}
sinks:
  sink: {{type: http, url: "{url}", concurrency: {bound}, shards: {shards}}}
routes:
  - {{name: every, to: [sink]}}
"""


def measure_workers(stage: Stage, scale: Scale) -> Figures:
    """Delivered leads a second of one worker and of two, with few places and with many, taking turns."""
    rates: dict[str, dict[int, list[float]]] = {ONE: defaultdict(list), TWO: defaultdict(list)}
    for _ in range(scale.rounds):
        for bound, times in LEADS.items():
            leads = max(times * scale.slow_leads, LEAST_LEADS[bound])
            for name, workers in ((ONE, 1), (TWO, 2)):
                rates[name][bound].append(_rate(_asked(stage, bound), workers, bound, leads))
    return {
        name: {f"leads_per_s, {bound}": median(each) for bound, each in found.items()} for name, found in rates.items()
    }


def _asked(stage: Stage, bound: int) -> Stage:
    """The stage with a sink that takes so many at once by each of its shards."""
    file = f"workers-{bound}.yaml"
    text = CONFIGURATION.format(token=TOKEN, url=stage.sink.url, bound=bound, shards=SHARDS)
    (stage.folder / file).write_text(text, encoding="utf-8")
    return replace(stage, configuration=file)


def _rate(stage: Stage, workers: int, bound: int, leads: int) -> float:
    """From when all workers serve shards, over half of the leads, which were all routed before the first goes out."""
    stage.sink.reset(SLOW)
    stage.store.set(KEYS.layout(), write_layout(Layout({INTAKE: Spread(4), outbox_of(SINK): SPREAD})))
    pause = Pause(by="benchmark", reason="leads are gathered", since=datetime.now(UTC))
    stage.store.execute_command(*keep_pause(KEYS, f"sink:{SINK}", pause))
    with our_receiver(stage) as (_, port), _workers(stage, workers, bound):
        pushing.push_all(port, USUAL, pushes=leads // USUAL)
        _await(lambda: sum(map(stage.store.xlen, OUTBOXES)) == leads)
        stage.store.delete(KEYS.pauses())
        _await(lambda: _serving(stage) == workers)
        first = stage.sink.await_leads(int(stage.sink.figures()["distinct"]) + 1, within=LONGEST)
        last = stage.sink.await_leads(int(first["distinct"]) + leads // 2, within=LONGEST)
        stage.sink.await_leads(leads, within=LONGEST)
    stage.forget()
    return (last["distinct"] - first["distinct"]) / (last["last"] - first["last"])


def _serving(stage: Stage) -> int:
    """How many workers have shards."""
    tokens = stage.store.mget(list(map(KEYS.lease, OUTBOXES)))
    return len({token.rpartition(b"_")[0] for token in tokens if token is not None})


def _await(question: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not question():
        if time.monotonic() > deadline:
            raise SystemExit("the workers do not begin")
        time.sleep(PAUSE)


@contextmanager
def _workers(stage: Stage, workers: int, bound: int) -> Iterator[None]:
    environment = {**stage.environment(1), "HOOKROUTER_WORKER_CONCURRENCY": str(bound)}
    with ExitStack() as stack:
        children: list[Child] = [
            stage.child(f"worker-{number}", ["-m", "workers", "worker"], environment) for number in range(workers)
        ]
        for child in [*children, stage.child("scheduler", ["-m", "workers", "scheduler"], environment)]:
            stack.enter_context(child)
        yield
