"""Runs the load generator, each time with leads that were never pushed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import orjson

from benchmarks.children import run_to_end
from benchmarks.servers import PUSH_PATH

_starts = count(step=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What one load came to; `seconds` holds each answer's time, `cpu` what the load generator itself used."""

    pushes: int
    took: float
    seconds: Sequence[float]
    cpu: float


def next_start() -> int:
    """Where an unused million of leads begins."""
    return next(_starts)


def saturate(port: int, leads: int, *, seconds: float) -> Pushed:
    """Push as fast as the receiver answers, for a while."""
    return _load("saturate", port, leads, f"--seconds={seconds}")


def push_all(port: int, leads: int, *, pushes: int) -> Pushed:
    """Push as fast as the receiver answers, this often."""
    return _load("saturate", port, leads, f"--pushes={pushes}")


def pace(port: int, leads: int, *, rate: float, seconds: float) -> Pushed:
    """Push at a steady rate."""
    return _load("pace", port, leads, f"--rate={rate}", f"--seconds={seconds}")


def _load(mode: str, port: int, leads: int, *options: str) -> Pushed:
    command = ["benchmarks.loads", mode, f"--port={port}", f"--path={PUSH_PATH}", f"--leads={leads}"]
    return Pushed(**orjson.loads(run_to_end([*command, f"--start={next_start()}", *options])))
