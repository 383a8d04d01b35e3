"""Half of the top rate for a long while, a worker killed each minute: is anything lost, does anything grow?

python -m benchmarks.soak [--minutes 30] [--into docs]

It measures the top rate first, takes its own processes, ports and folder, removes all of that, whatever happens, and
writes `soak.md` and `images/soak.svg` into a folder. It ends with 1 when something is lost, grows or waits too long.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import redis

from benchmarks import pushing
from benchmarks.fleet import Fleet
from benchmarks.run import describe_machine, title_of
from benchmarks.scale import USUAL
from benchmarks.servers import CONFIGURATION, TOKEN, Stage, open_stage
from benchmarks.soak_report import Sample, Soaked, write_chart, write_soaked
from hookrouter.domain.ids import SinkName
from hookrouter.store.keys import Keys

SOAK = "soak.yaml"
RETENTION = """
retention: {pushes: 1m, deliveries: 1m, dead: 1m, rejected: 1m, snapshots: 1m}
"""
"""What is kept on purpose, and for days, would hide what grows by mistake."""
FLEET = ("receiver-1", "worker-1", "worker-2", "scheduler-1")
WORKERS = ("worker-1", "worker-2")
PREFIX = "hr"
TOP_LEADS = 8_000
SEGMENT = 10.0
"""Seconds of one pushing process."""
KILL_EVERY = 60.0
FIRST_KILL = 30.0
DRAINED_WITHIN = 120.0
SAMPLES_A_WORD = 20
STARTED_WITHIN = 60.0


@dataclass
class Pusher:
    """Pushes at a steady rate until it is told to stop."""

    port: int
    rate: float
    segment: float = SEGMENT
    pushes: int = 0
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


def soak(stage: Stage, minutes: float) -> Soaked:
    """All of it."""
    fleet = Fleet(stage=stage)
    try:
        for name in FLEET:
            fleet.start(name)
        top = _top_rate(stage, fleet)
        stage.sink.reset()
        return _soak(stage, fleet, top, minutes)
    finally:
        fleet.stop()


def _top_rate(stage: Stage, fleet: Fleet) -> float:
    """Leads a second while they are pushed as fast as they are taken; what came first warms all up."""
    stage.sink.reset()
    pushing.push_all(fleet.port, USUAL, pushes=TOP_LEADS // USUAL // 4)
    stage.sink.await_leads(TOP_LEADS // 4, within=STARTED_WITHIN)
    stage.sink.reset()
    pushing.push_all(fleet.port, USUAL, pushes=TOP_LEADS // USUAL)
    figures = stage.sink.await_leads(TOP_LEADS, within=STARTED_WITHIN)
    return (TOP_LEADS - 1) / (figures["last"] - figures["first"])


def _soak(stage: Stage, fleet: Fleet, top: float, minutes: float) -> Soaked:
    pusher = Pusher(port=fleet.port, rate=top / 2 / USUAL)
    samples: list[Sample] = []
    kills: list[float] = []
    began, every = time.monotonic(), max(1.0, minutes * 60 / 400)
    with pusher.at_work():
        while (at := time.monotonic() - began) < minutes * 60 and not pusher.fault:
            if at >= FIRST_KILL + KILL_EVERY * len(kills):
                kills.append(at)
                _kill_one(fleet, len(kills))
            samples.append(_sample(stage, fleet, at))
            if dead := fleet.ended():
                pusher.fault = f"{', '.join(dead)} ended by itself"
                sys.stderr.write(_last_words(stage.folder, dead))
            if len(samples) % SAMPLES_A_WORD == 1:
                sys.stderr.write(f"{at:6.0f} s  lag {samples[-1].lag:.1f} s, {len(kills)} killed\n")
            time.sleep(every)
    took = time.monotonic() - began
    figures = _drained(stage, pusher.pushes * USUAL)
    return Soaked(
        minutes=minutes,
        top=top,
        rate=pusher.pushes * USUAL / took,
        leads=pusher.pushes * USUAL,
        arrived=int(figures["distinct"]),
        posts=int(figures["posts"]),
        seconds=pusher.seconds,
        fault=pusher.fault,
        kills=kills,
        samples=samples,
        drained=time.monotonic() - began - took,
    )


def _last_words(folder: Path, names: list[str]) -> str:
    return "".join((folder / f"{name}.log").read_text("utf-8", "replace")[-2000:] for name in names)


def _kill_one(fleet: Fleet, number: int) -> None:
    """Kill a worker, each in its turn, and start another in its place, as whoever supervises them does."""
    name = WORKERS[number % len(WORKERS)]
    fleet.kill(name)
    fleet.start(name)


def _sample(stage: Stage, fleet: Fleet, at: float) -> Sample:
    info = stage.store.info("memory")
    memory = {**fleet.memory(), "Valkey's data": int(info["used_memory"]) / (1 << 20)}
    return Sample(at=at, memory=memory, lag=_lag(stage.store))


def _lag(store: redis.Redis) -> float:
    """Seconds that the oldest entry waits, of all between receiver and sink."""
    keys, sink = Keys(PREFIX), SinkName("sink")
    streams = [*map(keys.intake, range(4)), keys.outbox(sink), keys.again(sink)]
    pipeline = store.pipeline(transaction=False)
    pipeline.time()
    for stream in streams:
        pipeline.xrange(stream, count=1)
    (seconds, micros), *found = pipeline.execute()
    oldest = [int(entries[0][0].partition(b"-")[0]) / 1000 for entries in found if entries]
    return max([0.0, *(seconds + micros / 1e6 - each for each in oldest)])


def _drained(stage: Stage, leads: int) -> dict[str, float]:
    """What the sink got in the end; what has not come by then is lost."""
    deadline = time.monotonic() + DRAINED_WITHIN
    while (figures := stage.sink.figures())["distinct"] < leads and time.monotonic() < deadline:
        time.sleep(0.5)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--into", type=Path, default=Path("docs"), metavar="FOLDER")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
    with tempfile.TemporaryDirectory(prefix="hookrouter-soak-") as folder, open_stage(Path(folder)) as stage:
        text = CONFIGURATION.format(token=TOKEN, url=stage.sink.url, signing="") + RETENTION
        text = text.replace("receiver: {", "receiver: {dedup_window: 1m, ")
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
