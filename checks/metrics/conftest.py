"""The real promtool."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from promtool_support import Promtool


@pytest.fixture(scope="session")
def promtool() -> Promtool:
    """Run it on files or text; what it says, if it finds no fault."""
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    assert found, "no promtool: apt-get install prometheus, or name one in the variable PROMTOOL"

    def run(*arguments: object, given: bytes = b"") -> str:
        ended = subprocess.run([found, *map(str, arguments)], input=given, capture_output=True, check=False)
        said = (ended.stdout + ended.stderr).decode()
        assert ended.returncode == 0, said
        return said

    return run
