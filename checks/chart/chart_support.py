"""Where the chart is, and what it is rendered with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHART = Path(__file__).parents[2] / "helm"
GIVEN = ("--set", "redis.secretName=redis-of-ours", "--set", "secretName=secrets-of-ours")

Helm = Callable[..., subprocess.CompletedProcess[str]]
Render = Callable[..., list[dict[str, Any]]]
