"""The lock files, judged by a resolver."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

from locks import EXTRAS, LOCKED, LOCKS, ROOT, write

DEVELOPERS_OWN = {"bench", "test"}


def test_the_locks_are_what_a_resolver_makes_of_pyproject_and_them(tmp_path: Path) -> None:
    shutil.copytree(LOCKS, tmp_path, dirs_exist_ok=True)

    write(tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        path.name: path.read_text() for path in LOCKS.iterdir()
    }, "run `python checks/deploy/locks.py`"


def test_every_extra_that_runs_has_a_lock_and_every_lock_its_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert {*EXTRAS} == {*project["optional-dependencies"]} - DEVELOPERS_OWN
    assert {path.stem for path in LOCKS.iterdir()} == {*LOCKED}
    for path in LOCKS.iterdir():
        for locked in re.split(r"\n(?=\S)", path.read_text("utf-8")):
            assert locked.startswith("#") or re.match(r"\S+==\S+ .*\\\n    --hash=sha256:[0-9a-f]{64}", locked), locked
