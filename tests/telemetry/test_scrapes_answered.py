"""Workers and the scheduler are probed where receivers are: by IPv4 or by IPv6."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from ports import free_ports

from hookrouter.telemetry.scrapes import answer_scrapes


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
        ("::", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_probes_are_answered_at_the_address_that_is_listened_at(tmp_path: Path, host: str, asked: str) -> None:
    [port] = free_ports(1)

    answer_scrapes(host, port, tmp_path, {"/healthz": lambda: True, "/readyz": lambda: False})

    with urllib.request.urlopen(f"http://{asked}:{port}/healthz", timeout=10) as answer:
        assert (answer.status, answer.read()) == (200, b"ok\n")
    with pytest.raises(urllib.error.HTTPError, match="503"):
        urllib.request.urlopen(f"http://{asked}:{port}/readyz", timeout=10)
