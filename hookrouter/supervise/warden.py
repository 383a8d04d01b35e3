"""Kills every session it was told of as soon as its parent is gone.

    python -I -S warden.py      reads from standard input, one a line:
    +SESSION                    kill it at the end
    -SESSION                    it is over
    /FOLDER                     an absolute path after a slash: remove it at the end

Standard input is a pipe whose other end only the parent holds: it ends when the parent does, whatever ended it, on
every system. The leash takes a child along; the warden takes the child's children too.
It runs by its file and loads the standard library alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROUNDS = 40  # a member may fork while we look; each round finds what the last one missed
PAUSE = 0.025  # seconds between two rounds
SESSION_FIELD = 3  # in /proc/PID/stat, counted after the command's name: state, parent, group, session
PROC = Path("/proc")


def session_members(session: int) -> list[int]:
    """Every living process of a session; without /proc (macOS) none is seen."""
    return [int(entry.name) for entry in PROC.glob("[0-9]*") if _session_of(entry) == session]


def _session_of(entry: Path) -> int | None:
    try:
        _, _, rest = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")
    except OSError:
        return None  # it ended while we looked
    fields = rest.split()
    if len(fields) <= SESSION_FIELD or fields[0] in "ZX":
        return None
    return int(fields[SESSION_FIELD])


def kill_session(session: int) -> None:
    """Kill every process of a session, those that changed their process group too."""
    if session in (0, 1, os.getsid(0)):
        return  # the machine's, or our own: nobody means that
    for _ in range(ROUNDS):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(session, signal.SIGKILL)
        members = session_members(session)
        if not members:
            return
        for member in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(member, signal.SIGKILL)
        time.sleep(PAUSE)  # noqa: TID251 - this file runs alone, without hookrouter's clock


def follow(lines: Iterable[bytes]) -> tuple[set[int], list[Path]]:
    """The sessions that are still to be killed when the lines end, and the folders to be removed after that."""
    sessions: set[int] = set()
    folders: list[Path] = []
    for line in lines:
        sign, rest = line[:1], line[1:].rstrip(b"\n")
        if sign == b"/":
            folders.append(Path(os.fsdecode(rest)))
        elif sign == b"+" and rest.isdigit():
            sessions.add(int(rest))
        elif sign == b"-" and rest.isdigit():
            sessions.discard(int(rest))
    return sessions, folders


def main() -> None:
    """Wait for the parent's end; a signal meant for the parent does not stop the wait."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sessions, folders = follow(sys.stdin.buffer)
    for session in sessions:
        kill_session(session)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
