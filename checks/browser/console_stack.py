"""All of hookrouter with leads that arrived, were refused and could not be routed, for whoever looks at the console."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stack_support import PATIENCE, eventually

from hookrouter.supervise.free_port import LOOPBACK, free_ports

ADMIN = "the-admin-token-of-the-checks"
READER = "the-read-token-of-the-checks"
HOOK = "a-token-for-the-checks-alone"
SCRIPT, CHANNEL = "<script>alert(1)</script>", "<!channel>"
ADDRESS = "script@example.com"
FIRST_ID, NAMED_NUMBER = 718281920000, 100
NAMED = str(FIRST_ID + NAMED_NUMBER)
"""The id of the lead with these names."""
REFUSED = 12
CONFIGURATION = """
version: 1
receiver:
  sources: {{crm: {{token: {hook}}}}}
egress: {{allow: [127.0.0.0/8]}}
redact: [nickName]
sinks:
  sales: {{type: stdout}}
  billing: {{type: http, url: "http://127.0.0.1:{far}/leads"}}
  manager: {{type: stdout}}
routes:
  - {{name: hot-lead, match: {{leadScore: {{gte: 80}}}}, to: [sales, billing]}}
  - {{name: new-customer, match: {{leadStatus: customer}}, to: [sales]}}
  - {{name: lost, shadow: true, match: {{leadStatus: unqualified}}, to: [manager]}}
unmatched: {{to: [manager]}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Where the console is."""

    url: str
    port: int

    def push(self, leads: list[dict[str, Any]]) -> str:
        """Push leads; the push's id."""
        asked = urllib.request.Request(
            f"{self.url}/hooks/crm/{HOOK}", json.dumps(leads).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return str(json.load(answer)["push"])

    def dead(self) -> int:
        """How many dead letters there are."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=PATIENCE) as answer:
            found = re.search(r'^hookrouter_kept\{kind="dead"\} (\S+)$', answer.read().decode(), re.MULTILINE)
        return int(float(found[1])) if found else 0


class Refusing(BaseHTTPRequestHandler):
    """A far side that refuses whatever it is sent, and repeats it."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lead = sent["data"]["lead"]
        body = json.dumps({"error": f"{lead.get('firstName')} <{lead.get('emailAddress')}> has no account"}).encode()
        self.send_response(422)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def console_stack(folder: Path) -> Iterator[Stack]:
    """Everything, once what was pushed came to what it comes to."""
    far = ThreadingHTTPServer((LOOPBACK, 0), Refusing)
    threading.Thread(target=far.serve_forever, daemon=True).start()
    [port] = free_ports(1)
    text = CONFIGURATION.format(hook=HOOK, far=far.server_port)
    (folder / "hookrouter.yaml").write_text(text, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HOOKROUTER_")},
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(folder / "data"),
        "HOOKROUTER_ADMIN_TOKEN": ADMIN,
        "HOOKROUTER_READ_TOKEN": READER,
        "HOST": LOOPBACK,
        "PORT": str(port),
    }
    with (folder / "out").open("wb") as told, (folder / "log").open("wb") as logged:
        command = [sys.executable, "-m", "hookrouter", "up"]
        up = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=told, stderr=logged)
    stack = Stack(url=f"http://localhost:{port}", port=port)
    try:
        eventually(lambda: _is_ready(stack), f"it is ready; see {folder / 'log'}")
        _fill(stack, folder)
        yield stack
    finally:
        up.terminate()
        up.wait(PATIENCE)
        far.shutdown()
        far.server_close()


def _is_ready(stack: Stack) -> bool:
    try:
        with urllib.request.urlopen(f"{stack.url}/readyz", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _fill(stack: Stack, folder: Path) -> None:
    hot = [_lead(number, leadScore=80 + number, leadStatus="qualified") for number in range(REFUSED - 2)]
    named = [
        _lead(
            NAMED_NUMBER, leadScore=99, leadStatus="qualified", firstName=SCRIPT, lastName=CHANNEL, emailAddress=ADDRESS
        ),
        _lead(101, leadScore=98, leadStatus="qualified", companyName=CHANNEL, phoneNumber="+1 212 555 0134"),
    ]
    others = [_lead(200 + number, leadScore=number, leadStatus="open") for number in range(20)]
    stack.push(hot + named)
    stack.push([*others, {"firstName": SCRIPT, "lastName": CHANNEL}, {"emailAddress": ["not", "text"]}])
    told = folder / "out"
    eventually(lambda: told.read_text().count('"type"') >= REFUSED + len(others), f"all is delivered; see {folder}")
    eventually(lambda: stack.dead() == REFUSED, f"all is refused; see {folder}")


def _lead(number: int, **fields: object) -> dict[str, Any]:
    return {
        "id": str(FIRST_ID + number),
        "firstName": f"Lead{number}",
        "lastName": "Brown",
        "emailAddress": f"lead{number}@example.com",
        "nickName": "a name that is nobody's business",
        "updateTimestamp": "2026-11-18 12:00:00",
        "createTimestamp": "2026-11-18 12:00:00",
        **fields,
    }
