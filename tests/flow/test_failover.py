"""A cluster loses its primary under load, to death and to a frost: nothing acknowledged is lost, and work goes on."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import warm
from flow_stack import TOKEN, configuration, eventually, leads
from ports import free_ports
from senders import Senders
from sentinels import NAME, OwnSentinel
from tally import Tally
from valkeys import SOUND, OwnValkey
from warm import WarmProcess

from hookrouter.supervise.free_port import LOOPBACK

Figures = Callable[[str, object], None]

SERVER = (*SOUND, "--repl-diskless-sync-delay", "0")
RECEIVERS, WORKERS, SENTINELS = 2, 4, 3
SENDERS, LEADS, VERSIONS, EVERY = 4, 10, 100, 0.2
"""Each sender pushes its leads in one version after the other, for twenty seconds at least."""
DOWN_AFTER, FAILOVER_TIMEOUT = 3000, 3000
"""Milliseconds, as docs/redis.md has them."""
GOES_ON_WITHIN = 15.0
"""Seconds; what is promised of both."""
PATIENCE = 60.0


@dataclass
class Cluster:
    """Servers with their Sentinels, and processes of hookrouter, each with a folder of its own."""

    folder: Path
    servers: list[OwnValkey]
    sentinels: list[OwnSentinel]
    environment: dict[str, str]
    running: dict[str, WarmProcess] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, folder: Path, text: str) -> Cluster:
        primary = OwnValkey.start(folder / "server0", *SERVER)
        servers = [primary, primary.replica(folder / "server1")]
        sentinels = [
            OwnSentinel.start(
                folder / f"sentinel{number}",
                primary,
                down_after=DOWN_AFTER,
                failover_timeout=FAILOVER_TIMEOUT,
                quorum=2,
            )
            for number in range(SENTINELS)
        ]
        eventually(lambda: all(each.replicas() == 1 for each in sentinels), "the Sentinels know all")
        (folder / "hookrouter.yaml").write_text(text)
        places = ",".join(each.place for each in sentinels)
        environment = {
            **os.environ,
            "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
            "HOOKROUTER_REDIS_URL": f"redis+sentinel://{places}/{NAME}/0",
            "HOST": LOOPBACK,
            "WEB_CONCURRENCY": "1",
        }
        return cls(folder=folder, servers=servers, sentinels=sentinels, environment=environment)

    def run(self) -> None:
        """Start receivers, workers and a scheduler, and wait until all receivers are ready."""
        self.ports = free_ports(RECEIVERS)
        for number, port in enumerate(self.ports):
            self._start(f"serve{number}", PORT=str(port))
        for number in range(WORKERS):
            self._start(f"worker{number}")
        self._start("scheduler0")
        eventually(lambda: all(map(is_ready, self.ports)), "the receivers are ready")

    def _start(self, name: str, **more: str) -> None:
        home = self.folder / name
        home.mkdir()
        environment = {**self.environment, "HOOKROUTER_DATA_DIR": str(home), **more}
        with (home / "log").open("ab") as log:
            self.running[name] = warm.start(name[:-1], folder=home, environment=environment, output=log.fileno())

    @property
    def primary(self) -> OwnValkey:
        """The server that most Sentinels name."""
        named = [each.primary() for each in self.sentinels]
        return max(self.servers, key=lambda server: named.count(server.port))

    @property
    def other(self) -> OwnValkey:
        return next(server for server in self.servers if server is not self.primary)

    def await_replica(self) -> None:
        """Wait until the primary has its replica."""
        eventually(
            lambda: self.primary.info().get("slave0", {}).get("state") == "online", "there is a replica", PATIENCE
        )
        eventually(lambda: all(each.replicas() == 1 for each in self.sentinels), "the Sentinels know it", PATIENCE)

    def close(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait(10)
        for each in (*self.sentinels, *self.servers):
            each.kill()


@pytest.fixture
def cluster(tmp_path: Path, tally: Tally) -> Iterator[Cluster]:
    sink = f'  api: {{type: http, url: "{tally.url}/api", order: strict, retry: {{for: 1h}}}}'
    text = configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")
    made = Cluster.start(tmp_path, text.replace("receiver:\n", "receiver:\n  durability: replicated\n"))
    made.run()
    yield made
    made.close()


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def versions_of(sender: int) -> Iterator[list[dict[str, str]]]:
    for number in range(VERSIONS):
        yield leads(sender * LEADS, LEADS, firstName=name_of(number), updateTimestamp=stamp(number))


def name_of(version: int) -> str:
    return f"Version {version}"


def stamp(version: int) -> str:
    return f"2026-03-04 16:{version // 60:02}:{version % 60:02}"


def seconds_until_work_goes_on(cluster: Cluster, tally: Tally, number: int) -> float:
    """How long a lead that is pushed now takes to its sink."""
    began = time.monotonic()
    [lead] = leads(1_000_000 + number, 1)
    body, url = json.dumps([lead]).encode(), f"http://{LOOPBACK}:{cluster.ports[0]}/hooks/crm/{TOKEN}"
    with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=20) as answer:
        assert answer.status == 200
    eventually(lambda: lead["id"] in tally.last, f"work goes on:\n{logs(cluster)}", PATIENCE)
    return time.monotonic() - began


def logs(cluster: Cluster) -> str:
    return "\n".join((cluster.folder / name / "log").read_text()[-1500:] for name in cluster.running)


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_failover_loses_nothing_that_was_acknowledged_and_work_goes_on(
    cluster: Cluster, tally: Tally, record_property: Figures
) -> None:
    began = time.monotonic()
    loads = [
        Senders(port, [versions_of(2 * place), versions_of(2 * place + 1)], EVERY)
        for place, port in enumerate(cluster.ports)
    ]
    eventually(lambda: len(tally.came) > 10 * SENDERS, "deliveries under way")

    dead = cluster.primary
    dead.kill()
    after_death = seconds_until_work_goes_on(cluster, tally, 0)
    successor = cluster.primary
    assert successor is not dead
    place = cluster.servers.index(dead)
    cluster.servers[place] = OwnValkey.start(
        dead.folder, *SERVER, "--replicaof", LOOPBACK, str(successor.port), port=dead.port
    )
    cluster.await_replica()

    successor.freeze()
    after_frost = seconds_until_work_goes_on(cluster, tally, 1)
    assert cluster.primary is not successor
    successor.thaw()  # it believes for a while that it is primary yet

    eventually(lambda: all(load.are_done for load in loads), "every push is acknowledged", PATIENCE)
    pushed = {lead["id"] for sender in range(SENDERS) for lead in leads(sender * LEADS, LEADS)}
    due = {(lead, name_of(version)) for lead in pushed for version in range(VERSIONS)}
    try:
        eventually(lambda: due <= tally.names().keys(), "every version of every lead", PATIENCE)
        cluster.await_replica()
    finally:
        lost = len(due - tally.names().keys())
        answered = [load.answered for load in loads]
        record_property(
            "figures",
            f"Failover: work went on {after_death:.1f} s after a primary was killed and {after_frost:.1f} s after one "
            f"was frozen (down-after {DOWN_AFTER / 1000:.0f} s); {sum(each.acknowledged for each in answered)} pushes "
            f"acknowledged of {sum(each.tries for each in answered)}, slowest answer "
            f"{max(each.quantile(1) for each in answered):.2f} s; versions lost: {lost}; "
            f"{time.monotonic() - began:.0f} s in all",
        )
    assert {len(found) for found in tally.names().values()} == {1}
    versions, in_order = tally.versions(), [name_of(version) for version in range(VERSIONS)]
    assert [versions[lead] for lead in pushed] == [in_order] * len(pushed)
    assert max(after_death, after_frost) <= GOES_ON_WITHIN
