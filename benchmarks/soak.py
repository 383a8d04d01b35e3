"""Half of the top rate for a long while, a worker killed each minute: is anything lost, does anything grow?

python -m benchmarks.soak [--minutes 30] [--into docs]

It measures the top rate first, takes its own processes, ports and folder, removes all of that, whatever happens, and
writes `soak.md` and `images/soak.svg` into a folder; told to end, it writes what it has. It ends with 1 when something
is lost, grows or waits too long.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import redis

from benchmarks import pushing
from benchmarks.capacity import memory_by_word
from benchmarks.children import cpu_of_family
from benchmarks.fleet import Fleet, mebibytes
from benchmarks.run import describe_machine, title_of
from benchmarks.scale import USUAL
from benchmarks.servers import TOKEN, Stage, open_stage
from benchmarks.soak_chart import write_chart
from benchmarks.soak_report import OURS, VALKEY, VALKEY_PROCESS, Sample, Soaked, Used, write_soaked
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Layout
from hookrouter.store.keys import Keys
from hookrouter.store.settling import CONFIRMED_FOR
from hookrouter.store.shard import shards_of
from hookrouter.wire.kept.layout import read_layout

SOAK = "soak.yaml"
CONFIGURATION = """\
version: 1
receiver: {{dedup_window: 1m, sources: {{crm: {{token: {token}}}}}}}
egress: {{allow: [127.0.0.0/8]}}
retention: {{pushes: 1m, deliveries: 1m, dead: 1m, rejected: 1m, snapshots: 1m}}
sinks:
  sink: {{type: http, url: "{url}", shards: {shards}}}
routes:
  - {{name: every, to: [sink]}}
"""
"""What is kept on purpose, and for days, would hide what grows by mistake."""
SHARDS = 3
"""One for each worker, so that whoever is killed was serving."""
RECEIVER, SCHEDULER, STAYS, KILLED = OURS
FLEET = {"receiver-1": RECEIVER, "worker-1": STAYS, "worker-2": KILLED, "worker-3": KILLED, "scheduler-1": SCHEDULER}
MORTAL = ("worker-2", "worker-3")
KEYS, SINK = Keys("hr"), SinkName("sink")
TOP_LEADS = 30_000
SEGMENT = 20.0
"""Seconds of one pushing process."""
KILL_EVERY = 60.0
FIRST_KILL = 30.0
DRAINED_WITHIN = 120.0
LOOK_EVERY = 1.0
SAMPLES = 400
STARTED_WITHIN = 180.0


@dataclass
class Pusher:
    """Pushes at a steady rate until it is told to stop."""

    port: int
    rate: float
    segment: float = SEGMENT
    pushes: int = 0
    cpu: float = 0.0
    seconds: list[float] = field(default_factory=list)
    fault: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                done = pushing.pace(self.port, USUAL, rate=self.rate, seconds=self.segment)
            except (SystemExit, Exception) as fault:  # noqa: BLE001 - it is told in the report, and the run ends
                self.fault = str(fault) or type(fault).__name__
                return
            self.pushes += done.pushes
            self.cpu += done.cpu
            self.seconds += done.seconds

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            thread.join(SEGMENT + 60)


@dataclass(kw_only=True)
class Watch:
    """What is looked at while the leads come: each second how long anything waits, more rarely the memory."""

    stage: Stage
    fleet: Fleet
    pusher: Pusher
    seconds: float
    began: float = field(default_factory=time.monotonic)
    samples: list[Sample] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    lag: float = 0.0

    @property
    def at(self) -> float:
        return time.monotonic() - self.began

    def run(self) -> None:
        """Until the time is over, something breaks, or somebody tells it to end."""
        try:
            while self.at < self.seconds and not self.pusher.fault:
                self._look()
                time.sleep(LOOK_EVERY)
        except (KeyboardInterrupt, SystemExit, redis.RedisError, OSError) as fault:
            self.pusher.fault = f"{str(fault) or type(fault).__name__}, after {self.at / 60:.1f} minutes"

    def _look(self) -> None:
        if self.at >= FIRST_KILL + KILL_EVERY * len(self.kills):
            self._kill_one()
        self.lag = max(self.lag, _lag(self.stage.store))
        if self.at >= len(self.samples) * max(LOOK_EVERY, self.seconds / SAMPLES):
            self.samples.append(_sample(self.stage, self.fleet, self.at, self.lag))
            self.lag = 0.0
        if dead := self.fleet.ended():
            self.pusher.fault = f"{', '.join(dead)} ended by itself"
            sys.stderr.write(_last_words(self.stage.folder, dead))

    def _kill_one(self) -> None:
        """Kill a worker, each in its turn, and start another in its place, as whoever supervises them does."""
        name = MORTAL[len(self.kills) % len(MORTAL)]
        self.kills.append(self.at)
        self.fleet.kill(name)
        self.fleet.start(name)
        longest = max((each.lag for each in self.samples), default=0.0)
        memory = f", Valkey's data {self.samples[-1].memory[VALKEY]:.0f} MiB" if self.samples else ""
        sys.stderr.write(f"{self.at:6.0f} s  {len(self.kills)} killed, longest wait {longest:.1f} s{memory}\n")


def soak(stage: Stage, minutes: float) -> Soaked:
    """All of it."""
    fleet = Fleet(stage=stage)
    try:
        for name in FLEET:
            fleet.start(name)
        top, at_top = _top_rate(stage, fleet)
        sys.stderr.write(f"top rate {top:,.0f} leads/s\n")
        stage.sink.reset()
        return _soak(stage, fleet, top, at_top, minutes)
    finally:
        fleet.stop()


def _top_rate(stage: Stage, fleet: Fleet) -> tuple[float, Used]:
    """Leads a second while they are pushed as fast as they are taken; what came first warms all up."""
    stage.sink.reset()
    pushing.push_all(fleet.port, USUAL, pushes=TOP_LEADS // USUAL // 4)
    stage.sink.await_leads(TOP_LEADS // 4, within=STARTED_WITHIN)
    stage.sink.reset()
    before, began = _cpu(stage, fleet, 0.0), time.monotonic()
    pushed = pushing.push_all(fleet.port, USUAL, pushes=TOP_LEADS // USUAL)
    figures = stage.sink.await_leads(TOP_LEADS, within=STARTED_WITHIN)
    used = Used.between(before, _cpu(stage, fleet, pushed.cpu), leads=TOP_LEADS, seconds=time.monotonic() - began)
    return (TOP_LEADS - 1) / (figures["last"] - figures["first"]), used


def _soak(stage: Stage, fleet: Fleet, top: float, at_top: Used, minutes: float) -> Soaked:
    pusher = Pusher(port=fleet.port, rate=top / 2 / USUAL)
    watch = Watch(stage=stage, fleet=fleet, pusher=pusher, seconds=minutes * 60)
    before = _cpu(stage, fleet, 0.0)
    with pusher.at_work():
        watch.run()
    took, leads = watch.at, pusher.pushes * USUAL
    used = Used.between(before, _cpu(stage, fleet, pusher.cpu), leads=leads, seconds=took)
    figures = _drained(stage, leads)
    return Soaked(
        minutes=minutes,
        top=top,
        rate=leads / took,
        leads=leads,
        arrived=int(figures["distinct"]),
        posts=int(figures["posts"]),
        seconds=pusher.seconds,
        fault=pusher.fault,
        kills=watch.kills,
        samples=watch.samples,
        drained=watch.at - took,
        standing=memory_by_word(stage.store, KEYS.prefix),
        at_top=at_top,
        used=used,
    )


def _last_words(folder: Path, names: list[str]) -> str:
    return "".join((folder / f"{name}.log").read_text("utf-8", "replace")[-2000:] for name in names)


def _sample(stage: Stage, fleet: Fleet, at: float, lag: float) -> Sample:
    found: dict[str, list[float]] = defaultdict(list)
    for name, size in fleet.memory().items():
        found[FLEET[name]].append(size)
    kept, noted = _kept(stage.store)
    found[VALKEY_PROCESS].append(mebibytes(stage.valkey))
    found[VALKEY].append(int(stage.store.info("memory")["used_memory"]) / (1 << 20) - kept)
    memory = {name: sum(each) / len(each) for name, each in found.items()}
    return Sample(at=at, memory=memory, kept=kept, noted=noted, lag=lag)


def _kept(store: redis.Redis) -> tuple[float, int]:
    """MiB of the notes that a delivery was made, which stay for some minutes by design, and how many there are."""
    span = int(time.time() // CONFIRMED_FOR.total_seconds())
    names = [KEYS.confirmed(SINK, each) for each in range(span - 3, span + 2)]
    size = sum(store.memory_usage(name) or 0 for name in names)
    return size / (1 << 20), sum(int(store.scard(name)) for name in names)  # type: ignore[arg-type]  # not async


def _cpu(stage: Stage, fleet: Fleet, pushed: float) -> dict[str, float]:
    """Seconds of CPU so far by what runs; `pushed` is what the load generator says of itself."""
    found: dict[str, float] = defaultdict(float)
    for name, seconds in fleet.cpu().items():
        found[FLEET[name]] += seconds
    found[VALKEY_PROCESS] = cpu_of_family(stage.valkey.pid)
    found["the sink"] = cpu_of_family(stage.sink_process.pid)
    found["who pushes"] = pushed
    found["this program"] = time.process_time()
    return found


def _lag(store: redis.Redis) -> float:
    """Seconds that the oldest entry waits, of all between receiver and sink."""
    text = store.get(KEYS.layout())
    layout = read_layout(text) if isinstance(text, bytes) else Layout()
    streams = [KEYS.intake(*place) for place in layout.intakes]
    streams += [stream for shard in shards_of(KEYS, layout, SINK) for stream in shard.entries]
    pipeline = store.pipeline(transaction=False)
    pipeline.time()
    for stream in streams:
        pipeline.xrange(stream, count=1)
    (seconds, micros), *found = pipeline.execute()
    oldest = [int(entries[0][0].partition(b"-")[0]) / 1000 for entries in found if entries]
    return max([0.0, *(seconds + micros / 1e6 - each for each in oldest)])


def _drained(stage: Stage, leads: int) -> dict[str, float]:
    """What the sink got in the end; what has not come by then is lost."""
    deadline, figures = time.monotonic() + DRAINED_WITHIN, {"distinct": 0.0, "posts": 0.0}
    while figures["distinct"] < leads and time.monotonic() < deadline:
        with suppress(OSError):  # a machine that stands still for a moment
            figures = stage.sink.figures()
        time.sleep(0.5)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--into", type=Path, default=Path("docs"), metavar="FOLDER")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
    with tempfile.TemporaryDirectory(prefix="hookrouter-soak-") as folder, open_stage(Path(folder)) as stage:
        text = CONFIGURATION.format(token=TOKEN, url=stage.sink.url, shards=SHARDS)
        (stage.folder / SOAK).write_text(text, encoding="utf-8")
        machine = title_of(describe_machine(stage.folder))
        soaked = soak(replace(stage, configuration=SOAK), given.minutes)
    (given.into / "images").mkdir(parents=True, exist_ok=True)
    (given.into / "images" / "soak.svg").write_text(write_chart(soaked), encoding="utf-8")
    report = write_soaked(soaked, machine)
    (given.into / "soak.md").write_text(report, encoding="utf-8")
    sys.stdout.write(f"\n{report}")
    raise SystemExit(0 if soaked.is_well else 1)


if __name__ == "__main__":
    main()
