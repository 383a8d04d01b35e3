"""Writes the lock files in locks/ anew, by the resolver of uv: `python checks/deploy/locks.py [--upgrade]`.

Without `--upgrade` what is locked stays, as far as pyproject.toml and the index still allow it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "locks"
HEAD = """\
# {what}
# Written by `python checks/deploy/locks.py`; `--upgrade` takes the newest of everything.
"""
EXTRAS = {"otel": ("hookrouter",), "apprise": ("hookrouter", "otel")}
"""Each extra's lock has all of hookrouter's, too, and agrees with the locks before it: any of them go together."""
COMPILE = ("--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate")
LOCKED = ("build", "hookrouter", *EXTRAS)
WHAT = {
    "build": "What builds hookrouter's wheel.",
    "hookrouter": "What hookrouter runs on.",
    "otel": "What hookrouter runs on, with the extra `otel`.",
    "apprise": "What hookrouter runs on, with the extra `apprise`.",
}


def write(folder: Path, *options: str) -> None:
    """Lock all that pyproject.toml asks for in a folder, beginning with the locks that are there."""
    for name in LOCKED:
        _compile(folder, name, *options)


def _compile(folder: Path, name: str, *options: str) -> None:
    lock = folder / f"{name}.txt"
    extra = ["--extra", name] if name in EXTRAS else []
    agreeing = [part for each in EXTRAS.get(name, ()) for part in ("--constraint", str(folder / f"{each}.txt"))]
    with tempfile.TemporaryDirectory() as scratch:
        wanted = ROOT / "pyproject.toml"
        if name == "build":
            wanted = Path(scratch) / "build.in"
            project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
            wanted.write_text("\n".join(project["build-system"]["requires"]) + "\n", encoding="utf-8")
        # Not the machine's own settings: what is locked is the public index's.
        command = [_uv(), "pip", "compile", "--no-config", *COMPILE, *extra, *agreeing, *options]
        subprocess.run([*command, str(wanted), "--output-file", str(lock)], check=True)
    lines = [line for line in lock.read_text("utf-8").splitlines() if not line.startswith("#")]
    lock.write_text(HEAD.format(what=WHAT[name]) + "\n".join(lines) + "\n", encoding="utf-8")


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert found, "no uv: pip install uv"
    return found


if __name__ == "__main__":
    write(LOCKS, *sys.argv[1:])
