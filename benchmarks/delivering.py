"""Measures deliveries to a local HTTP sink, from the first that arrives to the last."""

from __future__ import annotations

import http.client
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median

from benchmarks import pushing
from benchmarks.children import run_to_end
from benchmarks.figures import Figures, percentile
from benchmarks.leads import LeadSeries
from benchmarks.scale import SLOW, USUAL, Scale
from benchmarks.servers import (
    PUSH_PATH,
    SIGNED,
    Stage,
    our_receiver,
    our_worker,
    textbook_receiver,
    textbook_worker,
)
from benchmarks.servers import USUAL as USUAL_CONFIGURATION
from hookrouter.supervise.free_port import LOOPBACK

POSTERS = {
    "bare poster": [],
    "bare poster, bodies made beforehand": ["--beforehand"],
    "bare poster, beforehand, on uvloop": ["--beforehand", "--loop", "uvloop"],
}
OURS = {"hookrouter": USUAL_CONFIGURATION, "hookrouter, signed,": SIGNED}
LONGEST = 60.0
"""Seconds after which a run counts as stuck."""
APART = 0.15
"""Seconds between the single pushes: the system is idle again by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Deliveries a second; the poster's or worker's CPU in seconds a lead, where it was looked at."""

    rate: float
    cpu: float = 0.0


def measure_delivered(stage: Stage, scale: Scale) -> Figures:
    """Delivered leads a second of each stack with one worker, the stacks taking turns."""
    runs: dict[str, list[Run]] = defaultdict(list)
    with our_receiver(stage) as (_, ours), textbook_receiver(stage) as (_, textbook):
        for _ in range(scale.rounds):
            for delay, leads in ((0, scale.leads), (SLOW, scale.slow_leads)):
                for name, options in POSTERS.items():
                    runs[f"{name}, {delay} ms"].append(_post_bare(stage, delay, leads, options))
                for name, asked in OURS.items():
                    backlog, live = _deliver_ours(replace(stage, configuration=asked), ours, delay, leads)
                    runs[f"{name} backlog, {delay} ms"].append(backlog)
                    runs[f"{name} live, {delay} ms"].append(live)
                runs[f"textbook, {delay} ms"].append(_deliver_textbook(stage, textbook, delay, scale.textbook_leads))
    return {
        name: {
            "leads_per_s": median(run.rate for run in found),
            "cpu_us_per_lead": median(run.cpu for run in found) * 1e6,
        }
        for name, found in runs.items()
    }


def measure_idle(stage: Stage, scale: Scale) -> Figures:
    """How long a lead takes through an idle system, from the push's first byte to the sink, in milliseconds."""
    series = LeadSeries(pushing.next_start())
    taken: list[float] = []
    with our_receiver(stage) as (_, port), our_worker(stage):
        stage.sink.reset()
        pushing.push_all(port, 1, pushes=5)
        stage.sink.await_leads(5, within=LONGEST)
        connection = http.client.HTTPConnection(LOOPBACK, port)
        for number in range(scale.singles):
            time.sleep(APART)
            began = time.monotonic()
            connection.request("POST", PUSH_PATH, series.push(1), {"Content-Type": "application/json"})
            connection.getresponse().read()
            taken.append(stage.sink.await_leads(6 + number, within=LONGEST)["last"] - began)
        connection.close()
    stage.forget()
    median_ms, worst_ms = median(taken) * 1e3, max(taken) * 1e3
    return {"idle": {"p50_ms": median_ms, "p90_ms": percentile(taken, 90) * 1e3, "worst_ms": worst_ms}}


def _post_bare(stage: Stage, delay: int, leads: int, options: list[str]) -> Run:
    stage.sink.reset(delay)
    run_to_end(["benchmarks.bare_poster", "--url", stage.sink.url, "--leads", str(leads), *options])
    return Run(rate=_rate(stage, leads))


def _deliver_ours(stage: Stage, port: int, delay: int, leads: int) -> tuple[Run, Run]:
    """From a full intake, then while leads are being pushed."""
    stage.sink.reset(delay)
    pushing.push_all(port, USUAL, pushes=leads // USUAL)
    with our_worker(stage) as worker:
        before = stage.sink.await_leads(1, within=LONGEST)["distinct"], worker.cpu()
        backlog = _rate(stage, leads)
        cpu = (worker.cpu() - before[1]) / (leads - before[0])
        stage.sink.reset(delay)
        pushing.push_all(port, USUAL, pushes=leads // USUAL)
        live = _rate(stage, leads)
    stage.forget()
    return Run(rate=backlog, cpu=cpu), Run(rate=live)


def _deliver_textbook(stage: Stage, port: int, delay: int, leads: int) -> Run:
    stage.sink.reset(delay)
    pushing.push_all(port, USUAL, pushes=leads // USUAL)
    with textbook_worker(stage):
        rate = _rate(stage, leads)
    stage.forget()
    return Run(rate=rate)


def _rate(stage: Stage, leads: int) -> float:
    figures = stage.sink.await_leads(leads, within=LONGEST)
    return (leads - 1) / (figures["last"] - figures["first"])
