"""Turns itself into a command that dies with its parent.

    python -I -S leash.py PARENT_PID -- COMMAND...

It runs by its file and loads the standard library alone, so that it costs a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; cleared by fork, so it binds this process and not what it starts
NOT_FOUND = 127  # what a shell answers for a command that cannot be started
USAGE = 2


def leash(parent: int) -> bool:
    """Ask the kernel to kill this process when its parent dies; false when the parent is already gone.

    SIGKILL and not SIGTERM: who was killed cannot wait for a grace, and every promise of ours holds under SIGKILL.
    Where the kernel has no such request (macOS) the warden alone does it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent  # asked after the request: a parent that died before it sent no signal


def main(arguments: list[str]) -> int:
    """Become the command; returns only when that is impossible."""
    if len(arguments) < 3 or not arguments[0].isdigit() or arguments[1] != "--":  # noqa: PLR2004 - PID, --, COMMAND
        sys.stderr.write("usage: leash.py PARENT_PID -- COMMAND...\n")
        return USAGE
    if not leash(int(arguments[0])):
        return NOT_FOUND
    command = arguments[2:]
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as fault:
        sys.stderr.write(f"cannot start {command[0]}: {fault.strerror}\n")
    return NOT_FOUND


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
