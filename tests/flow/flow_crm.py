"""The simulated CRM as a process of its own."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import warm
from flow_stack import eventually
from ports import free_ports

from hookrouter.supervise.free_port import LOOPBACK

ACCOUNT, SECRET = "A" * 32, "5" * 32
FIRST_ID, ID_STEP = 718281920514, 1024


def crm_id(number: int) -> str:
    """The id of one of its leads, counted from 0."""
    return str(FIRST_ID + number * ID_STEP)


class Crm:
    """The simulated CRM as a process, spoken to as any client would."""

    def __init__(self, leads: int = 20) -> None:
        [port] = free_ports(1)
        self.url = f"http://{LOOPBACK}:{port}"
        self.api = f"{self.url}/pubapi/v1.2/"
        options = ["--host", LOOPBACK, "--port", str(port), "--push-rate", "0", "--leads", str(leads)]
        options += ["--calls-per-second", "0"]
        account = ["--account-id", ACCOUNT, "--secret-key", SECRET]
        with Path(os.devnull).open("w") as nothing:
            self._process = warm.start(
                "simulate-crm", *options, *account, folder=Path.cwd(), environment=os.environ, output=nothing.fileno()
            )
        eventually(self._is_up, "the CRM is up")

    def _is_up(self) -> bool:
        try:
            return bool(self.status())
        except OSError:
            return False

    def status(self) -> Any:
        with urllib.request.urlopen(self.url, timeout=5) as answer:
            return json.load(answer)

    def call(self, method: str, params: object) -> Any:
        body = json.dumps({"method": method, "params": params, "id": "test"}).encode()
        address = f"{self.api}?accountID={ACCOUNT}&secretKey={SECRET}"
        with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=5) as answer:
            return json.load(answer)["result"]

    def switch(self, fault: str) -> None:
        body = json.dumps({"mode": fault}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/faults", data=body), timeout=5) as answer:
            assert json.load(answer)["mode"] == fault

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
