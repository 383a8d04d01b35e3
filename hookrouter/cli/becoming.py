"""Turns this process into one of those that run for long, so that its id and its signals stay the same."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from hookrouter.stopping import hold_back


def become(module: str, *arguments: str) -> NoReturn:
    """Run a module in this process' place, never a file of the current directory.

    Signals wait for its first line: the interpreter would show where they broke in upon its own start.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    hold_back()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])  # noqa: S606 - no shell is the point
