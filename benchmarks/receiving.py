"""Measures the answers to pushes: saturated, and at a steady pace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from benchmarks import pushing
from benchmarks.children import Child
from benchmarks.figures import Answers, Figures, median_answers, percentile
from benchmarks.scale import PACE, USUAL, Scale
from benchmarks.servers import Stage, bare_receiver, our_receiver, our_worker, textbook_receiver

Running = tuple[Child, int]
Receiver = Callable[[Stage], AbstractContextManager[Running]]
RECEIVERS: dict[str, Receiver] = {"hookrouter": our_receiver, "bare": bare_receiver, "textbook": textbook_receiver}
WARM_UP = 20
"""Pushes before the first that counts: imports, connections, caches."""


def measure_saturated(stage: Stage, scale: Scale) -> Figures:
    """Pushes a second and how long an answer takes, by leads a push, with nothing else running."""
    found: dict[str, list[Answers]] = defaultdict(list)
    with ExitStack() as stack:
        receivers = {name: stack.enter_context(warm(stage, open_it)) for name, open_it in RECEIVERS.items()}
        for number in range(scale.rounds):
            for leads in scale.sizes:
                for name, receiver in receivers.items():
                    if name != "textbook" or (number == 0 and leads in scale.textbook_sizes):
                        found[f"{name} {leads}"].append(saturated(stage, receiver, leads, scale.saturated))
    return {name: median_answers(runs) for name, runs in found.items()}


def saturated(stage: Stage, receiver: Running, leads: int, seconds: float) -> Answers:
    """Push as fast as a receiver answers."""
    child, port = receiver
    cpu = child.cpu()
    load = pushing.saturate(port, leads, seconds=seconds)
    used = child.cpu() - cpu
    stage.forget()
    return Answers.of(load, leads, used)


def measure_paced(stage: Stage, scale: Scale) -> Figures:
    """How long an answer takes at a steady pace: alone beside the bare endpoint, then while a worker delivers."""
    seconds: dict[str, list[float]] = defaultdict(list)
    with warm(stage, our_receiver) as (_, ours), warm(stage, bare_receiver) as (_, bare):
        for _ in range(scale.rounds):
            for name, port in (("hookrouter", ours), ("bare", bare)):
                seconds[name] += pushing.pace(port, USUAL, rate=PACE, seconds=scale.paced).seconds
                stage.forget()
        stage.sink.reset()
        with our_worker(stage):
            pushing.push_all(ours, USUAL, pushes=WARM_UP)
            stage.sink.await_leads(WARM_UP * USUAL, within=30)
            for _ in range(scale.rounds):
                seconds["hookrouter, delivering"] += pushing.pace(ours, USUAL, rate=PACE, seconds=scale.paced).seconds
                seconds["bare, beside it"] += pushing.pace(bare, USUAL, rate=PACE, seconds=scale.paced).seconds
    stage.forget()
    return {
        name: {"p50_ms": percentile(taken, 50) * 1e3, "p99_ms": percentile(taken, 99) * 1e3, "pushes": len(taken)}
        for name, taken in seconds.items()
    }


@contextmanager
def warm(stage: Stage, open_it: Receiver) -> Iterator[Running]:
    """A receiver that has begun in earnest."""
    with open_it(stage) as (child, port):
        pushing.push_all(port, USUAL, pushes=WARM_UP)
        stage.forget()
        yield child, port
