"""Counters of processes that are killed: what was written stays, and is scraped with all the rest."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from ports import free_ports

from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.telemetry.metrics import write_metrics

COUNTING = """
import os, signal, sys
from hookrouter.domain.events import DeliveryAttempted
from hookrouter.telemetry.metrics import EventMetrics

def attempted(outcome, attempt):
    return DeliveryAttempted(
        push="p", delivery="d", route="r", sink="api", revision="", attempt=attempt, outcome=outcome,
        reason="" if outcome == "delivered" else "server_error", status=None, seconds=0.2, lead_seconds=2.0,
    )

metrics = EventMetrics(print)
for _ in range(100):
    metrics.report(attempted("retry", 1))
    metrics.report(attempted("delivered", 2))
metrics.flush()  # as a drain does before it tells Redis that they are over
for _ in range(30):
    metrics.report(attempted("delivered", 1))  # not over yet: somebody else makes them again
os.kill(os.getpid(), signal.SIGKILL)
"""
SERVING = """
import sys, threading
from pathlib import Path
from hookrouter.telemetry.scrapes import answer_scrapes
answer_scrapes(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), {})
sys.stdin.read()
"""


def count_and_die(directory: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)}
    ended = subprocess.run([sys.executable, "-c", COUNTING], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL


def asked(url: str) -> str:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.05)
    return pytest.fail("no answer")


def values(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"^(hookrouter_\S+) (\S+)$", text, re.MULTILINE)}


def test_what_killed_processes_had_written_is_scraped_from_one_that_lives(tmp_path: Path) -> None:
    directory = tmp_path / "metrics"
    directory.mkdir()
    for _ in range(3):
        count_and_die(directory)
    [port] = free_ports(1)
    serving = subprocess.Popen(
        [sys.executable, "-c", SERVING, LOOPBACK, str(port), str(directory)],
        stdin=subprocess.PIPE,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
    )
    try:
        found = values(asked(f"http://{LOOPBACK}:{port}/metrics"))
        with pytest.raises(urllib.error.HTTPError, match="404"):
            asked(f"http://{LOOPBACK}:{port}/")
    finally:
        serving.communicate()

    assert found['hookrouter_deliveries_total{outcome="delivered",reason="",sink="api"}'] == 300
    assert found['hookrouter_deliveries_total{outcome="retry",reason="server_error",sink="api"}'] == 300
    assert found['hookrouter_attempt_seconds_count{sink="api"}'] == 600
    assert found['hookrouter_attempt_seconds_sum{sink="api"}'] == pytest.approx(120)
    assert found['hookrouter_delivered_seconds_bucket{le="2.5",sink="api"}'] == 300
    assert found['hookrouter_delivered_seconds_bucket{le="1.0",sink="api"}'] == 0
    assert found['hookrouter_delivery_attempts_bucket{le="2.0",sink="api"}'] == 300
    assert found['hookrouter_delivery_attempts_bucket{le="1.0",sink="api"}'] == 0


STARTING = """
from hookrouter.domain.events import DeliveryTimed
from hookrouter.domain.process_events import ProcessStarted
from hookrouter.telemetry.metrics import EventMetrics

metrics = EventMetrics(print)
metrics.report(ProcessStarted(role="web", version="1"))
metrics.report(DeliveryTimed(push="p", delivery="d", route="hot", sink="api", result="met", seconds=2.0))
"""


def test_what_alerts_look_at_is_told_before_it_happens(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", STARTING], env=environment, check=True)

    found = values(write_metrics(tmp_path, [])[0].decode())

    assert found['hookrouter_pushes_refused_total{reason="not-kept",status="503"}'] == 0
    assert found['hookrouter_pushes_refused_total{reason="too-many-at-once",status="429"}'] == 0
    assert [found[f'hookrouter_operators_refused_total{{door="{door}"}}'] for door in ("console", "api")] == [0, 0]
    assert found['hookrouter_objective_total{result="late",route="hot"}'] == 0
    assert found['hookrouter_objective_total{result="met",route="hot"}'] == 1
