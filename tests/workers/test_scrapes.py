"""A port for scrapes and probes that somebody else still holds is had once it is free."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest
from notes import Notes
from ports import free_ports
from valkeys import eventually

from hookrouter.config.settings import read_settings
from hookrouter.domain.process_events import ScrapesRefused
from hookrouter.runtime import open_runtime
from hookrouter.supervise.free_port import LOOPBACK
from workers import scrapes
from workers.pulse import Loop, Pulse

CONFIGURATION = """\
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
"""


def test_a_taken_port_is_told_once_and_had_when_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrapes, "AGAIN_AFTER", 0.02)
    monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    [port, nowhere] = free_ports(2)
    said = {
        "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(tmp_path / "data"),
        "HOOKROUTER_REDIS_URL": f"redis://{LOOPBACK}:{nowhere}/0",
        "HOOKROUTER_METRICS_PORT": str(port),
        "HOST": LOOPBACK,
    }
    runtime = open_runtime(read_settings(said), role="worker", quiet=True)
    runtime.observer = notes = Notes()
    with socket.create_server((LOOPBACK, port)):
        scrapes.serve_scrapes(runtime, Pulse(runtime.clock, Loop.MAIN))

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    eventually(answers, "the port is had")
    assert [type(event) for event in notes.events] == [ScrapesRefused]
