"""docs/capacity.md is what the model reckons: it is deterministic, so both are the same or one is old."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_model_says() -> None:
    command = [sys.executable, "-m", "benchmarks.capacity_page"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, timeout=60).stdout
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")

    assert told.splitlines() == page.splitlines(), f"write it anew: python -m {command[-1]} --into docs/capacity.md"
    assert sum(line.startswith("| 1,000 leads/s") for line in page.splitlines()) == 2
