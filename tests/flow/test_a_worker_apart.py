"""A worker is killed, frozen, or cut off from Redis amid its deliveries: another goes on, no lead goes back in time."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
import warm
from flow_stack import Arrival, HttpRecorder, Stack, configuration, eventually, leads, prepare
from fronts import Front
from warm import WarmProcess

Figures = Callable[[str, object], None]

LEADS, VERSIONS = 4, 25
CROWD, PLACES = 40, 16
"""Leads whose deliveries are many at once, and how many those are."""
SECONDS = 0.05
"""How long each delivery takes."""
MANY = 16
"""More than a worker has in hand."""
PATIENCE = 60.0


@dataclass
class Pair:
    """Two workers, each with a folder and a line to Redis of its own."""

    stack: Stack
    fronts: list[Front] = field(default_factory=list)
    workers: list[WarmProcess] = field(default_factory=list)

    def start(self) -> None:
        """Start one more worker."""
        number = len(self.workers)
        self.fronts.append(Front(self.stack.redis_port))
        home = self.stack.folder / f"worker{number}"
        home.mkdir()
        own = {"HOOKROUTER_REDIS_URL": self.fronts[-1].url, "HOOKROUTER_DATA_DIR": str(home)}
        with (self.stack.folder / "worker.log").open("ab") as log:
            environment = {**self.stack.environment, **own}
            self.workers.append(warm.start("worker", folder=home, environment=environment, output=log.fileno()))

    def holder(self) -> int:
        """Which worker has the lease of the outbox."""

        def named() -> int | None:
            token = (self.stack.server.client.get("hr:outbox:api:lease") or b"").decode()
            pids = [f"-{worker.pid}-" in token for worker in self.workers]
            return pids.index(True) + 1 if True in pids else None

        return int(eventually(named, "somebody has the lease")) - 1

    def send(self, number: int) -> Callable[[int], None]:
        """What sends a signal to a worker with all its processes."""
        return lambda worker: os.killpg(self.workers[worker].pid, number)

    def close(self) -> None:
        for worker in self.workers:
            os.killpg(worker.pid, signal.SIGCONT)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)
        for front in self.fronts:
            front.close()


@pytest.fixture
def places() -> int:
    return 1


@pytest.fixture
def pair(tmp_path: Path, recorder: HttpRecorder, places: int) -> Iterator[Pair]:
    sink = f'  api: {{type: http, url: "{recorder.url}/api", order: strict, concurrency: {places}}}'
    stack = prepare(tmp_path, configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}"))
    stack.begin("web", "scheduler")
    made = Pair(stack)
    made.start()
    made.start()
    yield made
    made.close()
    stack.close()


def slowly(_: Arrival) -> int:
    time.sleep(SECONDS)
    return 204


def push_all(stack: Stack, first: int, many: int) -> None:
    for number in range(first, first + VERSIONS):
        stamp = f"2026-03-04 16:{number // 60:02}:{number % 60:02}"
        stack.push(leads(0, many, firstName=str(number), updateTimestamp=stamp))


@dataclass
class Round:
    """Versions of leads on their way to a sink while the worker that delivers them comes to harm."""

    pair: Pair
    recorder: HttpRecorder
    first: int
    leads: int = LEADS
    before: int = 0

    def run(self, harm: Callable[[int], None], heal: Callable[[int], None] | None = None) -> float:
        """The seconds until another had the lease."""
        self.before = len(self.recorder.arrivals)
        push_all(self.pair.stack, self.first, self.leads)
        eventually(lambda: self.count > 5, "deliveries under way")
        holder, began = self.pair.holder(), time.monotonic()
        harm(holder)
        eventually(lambda: self.pair.holder() != holder, "the lease passes on", PATIENCE)
        passed_on, settled = time.monotonic() - began, self.count
        eventually(lambda: self.count > settled + MANY, "the other is well ahead")
        if heal is not None:
            heal(holder)
        eventually(self.is_over, "the newest of each lead came", PATIENCE)
        time.sleep(1)  # what is not to come would come now
        return passed_on

    @property
    def count(self) -> int:
        return len(self.recorder.arrivals) - self.before

    def came(self) -> dict[str, list[int]]:
        """The versions of each lead as they came."""
        found: dict[str, list[int]] = defaultdict(list)
        for arrival in self.recorder.arrivals[self.before :]:
            lead = arrival.json["data"]["lead"]
            found[lead["id"]].append(int(lead["firstName"]))
        return found

    def is_over(self) -> bool:
        return [versions[-1] for versions in self.came().values()] == [self.first + VERSIONS - 1] * self.leads

    def gone_back(self) -> dict[str, list[int]]:
        """The leads of which a version came after a later one, more than once: where the other began."""
        steps = {lead: sum(later < earlier for earlier, later in pairwise(came)) for lead, came in self.came().items()}
        return {lead: self.came()[lead] for lead, back in steps.items() if back > 1}


@pytest.mark.long
@pytest.mark.timeout(240)
def test_another_goes_on_and_no_lead_goes_back_in_time(
    pair: Pair, recorder: HttpRecorder, record_property: Figures
) -> None:
    recorder.script = slowly
    harms = {
        "frozen": (pair.send(signal.SIGSTOP), pair.send(signal.SIGCONT)),
        "cut off": (lambda worker: pair.fronts[worker].cut(), lambda worker: pair.fronts[worker].mend()),
        "killed": (pair.send(signal.SIGKILL), None),
    }
    said = []
    for number, (name, (harm, heal)) in enumerate(harms.items()):
        one = Round(pair, recorder, number * VERSIONS)

        said.append(f"{one.run(harm, heal):.1f} s after its holder was {name}")

        assert one.is_over(), name
        assert one.gone_back() == {}, name
        assert all({*came} == {*range(one.first, one.first + VERSIONS)} for came in one.came().values()), name
    record_property("figures", f"A lease passed on {', '.join(said)}")


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("places", [PLACES])
def test_one_that_is_frozen_amid_many_deliveries_sends_none_of_them_late(pair: Pair, recorder: HttpRecorder) -> None:
    for number in range(2):
        one = Round(pair, recorder, number * VERSIONS, leads=CROWD)

        one.run(pair.send(signal.SIGSTOP), pair.send(signal.SIGCONT))

        assert one.gone_back() == {}
        assert all({*came} == {*range(one.first, one.first + VERSIONS)} for came in one.came().values())
