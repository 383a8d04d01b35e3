"""A real receiver under gunicorn, with tight limits, for the tests that send it what it should not get."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import warm
from ports import free_ports
from raw_http import TOKEN, exchange, request
from warm import WarmProcess

from hookrouter.store.server import RedisServer
from hookrouter.supervise.children import LEASH
from hookrouter.supervise.free_port import LOOPBACK

START_SECONDS = 30.0
CONFIGURATION = f"""
version: 1
receiver:
  sources:
    crm: {{token: {TOKEN}}}
    forms: {{token: another-token-of-24-characters}}
  max_body: 256KiB
  limits: {{leads: 100, fields: 50, field_value: 2000, lead: 5000, form_fields: 100, headers: 20, body_within: 1s}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: all, to: [log]}}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A running receiver, its log and its Redis."""

    port: int
    log: Path
    pid: int
    server: RedisServer
    prefix: str


@contextmanager
def running_receiver(
    redis_url: str, folder: Path, configuration: str, *, within: Sequence[str] = (), processes: int = 1
) -> Iterator[Receiver]:
    """A receiver under a configuration; `within` is a command that becomes the one that follows it."""
    (folder / "hookrouter.yaml").write_text(configuration)
    [port] = free_ports(1)
    prefix = f"t{uuid4().hex[:12]}"
    environment = {
        **os.environ,
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_REDIS_URL": redis_url,
        "HOOKROUTER_DATA_DIR": str(folder / "data"),
        "HOOKROUTER_KEY_PREFIX": prefix,
        "HOST": LOOPBACK,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(processes),
    }
    log = folder / "log"
    with log.open("wb") as output:
        if within:
            leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--"]
            command = [*leash, *within, sys.executable, "-m", "hookrouter", "serve"]
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        else:
            process = warm.start("serve", folder=folder, environment=environment, output=output.fileno())
    try:
        _await(process, port, log)
        yield Receiver(port=port, log=log, pid=process.pid, server=RedisServer(redis_url), prefix=prefix)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _await(process: subprocess.Popen[bytes] | WarmProcess, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if exchange(port, request(method="GET", path="/readyz", length=None)).status == 200:
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the receiver does not start: {log.read_text()}")
