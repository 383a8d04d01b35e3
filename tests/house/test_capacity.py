"""What docs/capacity.md reckons is what the model reckons: it is deterministic, so both are the same or one is old."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_tables_are_what_the_model_says() -> None:
    command = [sys.executable, "-m", "benchmarks.capacity_model"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, timeout=60).stdout
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8").splitlines()

    assert [line for line in told.splitlines() if line not in page] == []
    assert sum(line.startswith("| 1,000 leads/s") for line in told.splitlines()) == 1
