"""A release beside the one before it, under load: rolled forward process by process, and back again.

python -m benchmarks.beside CHECKOUT

CHECKOUT is one of the earlier release, with its `.venv`. It says what was lost, and what any process could not read.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.fleet import Fleet
from benchmarks.scale import USUAL
from benchmarks.servers import Stage, open_stage
from benchmarks.soak import Pusher
from hookrouter.supervise.free_port import free_ports

RATE = 8.0
"""Pushes a second, of 25 leads: both releases' processes share the cores with all else."""
MIXED = 8.0
"""Seconds in each mixture."""
DRAINED_WITHIN = 90.0
BAD = ("entry.unreadable", "entry.newer", "drain.failed", "Traceback")


def roll(fleet: Fleet, pusher: Pusher, python: Path | None, order: tuple[str, ...]) -> None:
    """Replace each process by one of another release, with some time between; one worker is killed, not ended."""
    for name in order:
        if name.startswith("receiver"):
            former = fleet.running.pop(name)
            [fleet.port] = free_ports(1)
            fleet.start(name, python=python)
            pusher.port = fleet.port
            time.sleep(2 * pusher.segment)  # what is pushed to the former goes to its end
            former.stop()
        elif name == "worker-1":
            fleet.kill(name)
            fleet.start(name, python=python)
        else:
            fleet.end(name)
            fleet.start(name, python=python)
        sys.stderr.write(f"{name} is of the {'earlier' if python else 'later'} release\n")
        time.sleep(MIXED)


def run(stage: Stage, python: Path) -> int:
    fleet = Fleet(stage=stage)
    forward = ("worker-1", "worker-2", "scheduler-1", "receiver-1")
    try:
        for name in forward:
            fleet.start(name, python=python)
        pusher = Pusher(port=fleet.port, rate=RATE, segment=3.0)
        with pusher.at_work():
            time.sleep(MIXED)
            roll(fleet, pusher, None, forward)
            roll(fleet, pusher, python, forward[::-1])
            time.sleep(MIXED)
        leads, deadline = pusher.pushes * USUAL, time.monotonic() + DRAINED_WITHIN
        while (figures := stage.sink.figures())["distinct"] < leads and time.monotonic() < deadline:
            time.sleep(0.5)
    finally:
        fleet.stop()
    said = {word: count for word in BAD if (count := _said(stage.folder, word))}
    lost, doubles = leads - figures["distinct"], figures["posts"] - figures["distinct"]
    unread = stage.store.xlen("hr:unreadable")
    sys.stdout.write(
        f"{leads} leads, {lost:.0f} lost, {doubles:.0f} twice, {unread} set aside; {pusher.fault or said}\n"
    )
    return int(bool(lost or unread or pusher.fault))


def _said(folder: Path, word: str) -> int:
    return sum(file.read_text("utf-8", "replace").count(word) for file in folder.glob("*.log"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("checkout", type=Path)
    python = parser.parse_args().checkout.absolute() / ".venv" / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="hookrouter-beside-") as folder, open_stage(Path(folder)) as stage:
        raise SystemExit(run(replace(stage), python))


if __name__ == "__main__":
    main()
