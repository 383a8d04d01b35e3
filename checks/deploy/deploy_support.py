"""Unit files read, and processes that run as these files say, in a folder of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
BINARIES = Path(sys.executable).parent
TOKEN = "deploy-test-token-0123456789"
HOOK = f"/hooks/crm/{TOKEN}"
PATIENCE = 40.0
CONFIGURATION = """
version: 1
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
"""
Section = dict[str, list[str]]


def unit(name: str) -> dict[str, Section]:
    """A unit's sections: the values of each key in their order."""
    sections: dict[str, Section] = {}
    section: Section = {}
    for line in (UNITS / name).read_text("utf-8").splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return sections


def environment_of(name: str, credentials: Path) -> dict[str, str]:
    """What a unit's own lines set, its credentials being in a folder."""
    lines = unit(name)["Service"]["Environment"]
    return dict(line.replace("%d", str(credentials)).partition("=")[::2] for line in lines)


def answer(port: int, path: str, body: bytes | None = None) -> bytes:
    """What is answered to one request, which waits until somebody takes it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=body, timeout=PATIENCE) as response:
        found: bytes = response.read()
    return found


@contextmanager
def running(
    command: list[str], environment: dict[str, str], log: Path, **options: object
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed with its children when the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # type: ignore[call-overload]
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **options,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def eventually(log: Path, words: str) -> None:
    """Wait until a log says so."""
    deadline = time.monotonic() + PATIENCE
    while words not in log.read_text():
        if time.monotonic() > deadline:
            pytest.fail(f"{words!r} is not said: {log.read_text()}")
        time.sleep(0.1)


def left_behind(mark: str) -> list[str]:
    """The processes that have a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
