"""What a running hookrouter answers to a scrape, judged by the real promtool."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from promtool_support import Promtool, documented

from hookrouter.supervise.free_port import LOOPBACK, free_ports

TOKEN = "a-token-of-the-scrape-check"
CONFIGURATION = f"""
version: 1
receiver: {{sources: {{crm: {{token: {TOKEN}}}}}}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: all, to: [log]}}]
"""
PATIENCE = 40


@pytest.fixture(scope="module")
def scrape(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """The metrics of all processes, when they delivered a lead."""
    folder = tmp_path_factory.mktemp("up")
    [port] = free_ports(1)
    (folder / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    environment = {**os.environ, "HOST": LOOPBACK, "PORT": str(port), "HOOKROUTER_DATA_DIR": str(folder / "data")}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "hookrouter", "up"]
        running = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    url = f"http://{LOOPBACK}:{port}"
    try:
        answered(f"{url}/readyz", b"redis", folder)
        lead = json.dumps(
            {"id": "1", "createTimestamp": "2026-03-04 15:20:11", "updateTimestamp": "2026-03-04 15:20:11"}
        )
        urllib.request.urlopen(f"{url}/hooks/crm/{TOKEN}", lead.encode(), PATIENCE).close()
        yield answered(f"{url}/metrics", b'outcome="delivered"', folder)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE)


def answered(url: str, sought: bytes, folder: Path) -> bytes:
    deadline = time.monotonic() + PATIENCE
    answer = b""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answering:
                answer = answering.read()
        except OSError:
            answer = b""
        if sought in answer:
            return answer
        time.sleep(0.2)
    pytest.fail(f"not {sought!r} at {url}: {answer!r}\n{(folder / 'log').read_text()}")


EVERY_SERIES = """
import sys
from prometheus_client import Counter, Histogram, generate_latest
from hookrouter.telemetry import series
for one in vars(series).values():
    if isinstance(one, Counter | Histogram) and one._labelnames:
        one.labels(*one._labelnames)
sys.stdout.buffer.write(generate_latest())
"""


def test_promtool_finds_every_counter_and_histogram_well_named(promtool: Promtool) -> None:
    told = subprocess.run([sys.executable, "-c", EVERY_SERIES], capture_output=True, check=True).stdout
    ours = b"".join(
        line for line in told.splitlines(keepends=True) if b"hookrouter_" in line and b"_created" not in line
    )

    assert ours.count(b"# TYPE") > 40
    assert promtool("check", "metrics", given=ours) == ""


def test_promtool_finds_nothing_to_complain_of(promtool: Promtool, scrape: bytes) -> None:
    assert promtool("check", "metrics", given=scrape) == ""


def test_only_what_is_documented_is_told(scrape: bytes) -> None:
    told = set(re.findall(r"^# TYPE (\w+)", scrape.decode(), re.MULTILINE))

    assert "hookrouter_deliveries_total" in told
    assert {name for name in told if not name.endswith("_created")} <= documented().keys()
