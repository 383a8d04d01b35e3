"""All of hookrouter in front of a simulated CRM, as `hookrouter up` runs it, with what it delivers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hookrouter.supervise.free_port import LOOPBACK, free_ports
from hookrouter.testing.crm import SimulatedCrm

PATIENCE = 60.0
CONFIGURATION = """
version: 1
receiver:
  public_url: http://{loopback}:{port}
  sources: {{crm: {{token: browser-test-token-0123456789}}}}
crm: {{account_id: {account}, secret_key: {secret}, url: "{api}", subscribe: on_start{more}}}
sinks: {{out: {{type: stdout}}}}
routes: [{{name: all, to: [out]}}]
"""


@contextmanager
def subscribed(crm: SimulatedCrm, folder: Path, more: str = "") -> Iterator[Path]:
    """Everything, once the CRM pushes to it; the file that gets a line of JSON for each delivery.

    What the configuration says `more` of the CRM begins with a comma.
    """
    [port] = free_ports(1)
    text = CONFIGURATION.format(
        loopback=LOOPBACK, port=port, account=crm.account_id, secret=crm.secret_key, api=crm.api_url, more=more
    )
    (folder / "hookrouter.yaml").write_text(text, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HOOKROUTER_")},
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(folder / "data"),
        "HOST": LOOPBACK,
        "PORT": str(port),
    }
    out, log = folder / "out", folder / "log"
    with out.open("wb") as told, log.open("wb") as logged:
        up = subprocess.Popen(
            [sys.executable, "-m", "hookrouter", "up"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=logged,
        )
    try:
        eventually(lambda: crm.status()["subscriptions"], f"the CRM is subscribed to; see {log}")
        yield out
    finally:
        up.terminate()
        up.wait(PATIENCE)


def delivered(out: Path) -> list[Any]:
    """What was delivered so far."""
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines() if line.startswith("{")]


def eventually(question: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)
    return answer
