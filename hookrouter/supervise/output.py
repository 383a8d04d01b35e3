"""Carries the lines that children write to where a person reads them."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 64 * 1024  # bytes; what is longer is broken into several lines
LOG_LIMIT = 4 * 1024 * 1024  # bytes of one log file; one older file is kept beside it

WriteLine = Callable[[bytes], None]

_stderr_lock = threading.Lock()


def write_to_stderr(line: bytes) -> None:
    """Write one line to standard error; children never cut into each other's lines."""
    with _stderr_lock, contextlib.suppress(OSError):  # nobody may be reading: the child goes on all the same
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()


class LogFile:
    """A file of lines that never grows past twice its limit."""

    def __init__(self, path: Path, *, limit: int = LOG_LIMIT) -> None:
        self.path = path
        self._limit = limit
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = path.open("ab", buffering=0)

    def write(self, line: bytes) -> None:
        """Append one line; a full disk loses the line, not the child."""
        with contextlib.suppress(OSError):
            if self._file.tell() > self._limit:
                self._file.close()
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
                self._file = self.path.open("ab", buffering=0)
            self._file.write(line)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a log."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip() for line in deque(file, maxlen=count)]
    except OSError:
        return []


class Pump:
    """A thread that carries one child's output until the child, and all it started, have ended."""

    def __init__(self, stream: BinaryIO, *, log: Path | None) -> None:
        self._stream = stream
        self._file = None if log is None else LogFile(log)
        self._write: WriteLine = write_to_stderr if self._file is None else self._file.write
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def finish(self, patience: float) -> None:
        """Wait for the last lines."""
        self._thread.join(patience)

    def _carry(self) -> None:
        with self._stream as stream:
            while line := stream.readline(LONGEST_LINE):
                self._write(line if line.endswith(b"\n") else line + b"\n")
        if self._file is not None:
            self._file.close()
