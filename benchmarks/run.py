"""The one command: measures, prints the tables, writes the figures as JSON.

python -m benchmarks.run [--quick] [--json FILE] [--only NAME...] [--into PAGE] [--constants FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import orjson

from benchmarks.capacity import measure_capacity
from benchmarks.capacity_costs import Costs
from benchmarks.classes import measure_classes
from benchmarks.console import measure_console
from benchmarks.delivering import measure_delivered, measure_idle
from benchmarks.durability import measure_durability
from benchmarks.figures import Figures
from benchmarks.isolation import measure_isolation
from benchmarks.page import put_tables
from benchmarks.receiving import measure_paced, measure_saturated
from benchmarks.report import promises, write_report
from benchmarks.rules import measure_rules
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.servers import Stage, open_stage
from benchmarks.streams import measure_streams
from benchmarks.workers import measure_workers
from hookrouter import __version__

MEASURES: dict[str, Callable[[Stage, Scale], Figures]] = {
    "saturated": measure_saturated,
    "paced": measure_paced,
    "durability": measure_durability,
    "classes": measure_classes,
    "delivered": measure_delivered,
    "idle": measure_idle,
    "isolation": measure_isolation,
    "workers": measure_workers,
    "streams": measure_streams,
    "console": measure_console,
    "capacity": measure_capacity,
    "rules": lambda stage, _: measure_rules(stage.folder),
}
FLUSHES = 200


def main() -> None:
    given = _read_arguments()
    if find_spec("requests") is None:
        raise SystemExit("the textbook stack needs requests: pip install -e .[bench]")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hookrouter-benchmark-") as folder, open_stage(Path(folder)) as stage:
        machine = describe_machine(Path(folder))
        results: dict[str, Figures] = {}
        for name in given.only or MEASURES:
            sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {name}\n")
            results[name] = MEASURES[name](stage, QUICK if given.quick else FULL)
    took = time.monotonic() - began
    sys.stdout.write(f"{title_of(machine)}\n\n{write_report(results)}\nIt took {took:.0f} s.\n")
    if given.json:
        kept = [{"name": p.name, "value": p.value, "bound": p.bound, "kept": p.kept} for p in promises(results)]
        report = {"machine": machine, "quick": given.quick, "results": results, "promises": kept}
        given.json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    if given.constants:
        Costs.of(results["capacity"]).keep(given.constants)
    if given.into:
        page = given.into.read_text(encoding="utf-8")
        given.into.write_text(put_tables(page, write_report(results)), encoding="utf-8")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure hookrouter on this machine.")
    parser.add_argument("--quick", action="store_true", help="less than two minutes, and rougher")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--only", nargs="+", choices=MEASURES, metavar="NAME", help=f"of {', '.join(MEASURES)}")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="put the tables in the place of those of a page")
    parser.add_argument("--constants", type=Path, metavar="FILE", help="write what capacity reckons with here")
    given = parser.parse_args()
    if given.constants and "capacity" not in (given.only or MEASURES):
        parser.error("--constants are measured by: capacity")
    return given


def describe_machine(folder: Path) -> dict[str, object]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "hookrouter": __version__,
        "flush_ms": round(_flush_time(folder) * 1e3, 3),
    }


def title_of(machine: dict[str, object]) -> str:
    return f"{machine['cores']} cores, Python {machine['python']}; a flush to this disk takes {machine['flush_ms']} ms."


def _flush_time(folder: Path) -> float:
    """Seconds that one write and its flush take where the store keeps its log: near zero means a disk in memory."""
    with (folder / "flush").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(FLUSHES):
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / FLUSHES


if __name__ == "__main__":
    main()
