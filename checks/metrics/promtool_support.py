"""How promtool is called, and what is documented of the metrics."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
Promtool = Callable[..., str]


def documented() -> dict[str, set[str]]:
    """The labels of each metric."""
    rows = re.findall(
        r"^\| `(hookrouter_\w+)` \| \w+ \| ([^|]*) \|", (ROOT / "docs/metrics.md").read_text("utf-8"), re.MULTILINE
    )
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
