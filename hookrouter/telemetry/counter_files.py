"""prometheus-client's files of counters, of which no page is written to before the disk has room for it.

Each is locked for as long as its process lives, so that others know when it ended.

The library makes and grows its files by `truncate`, which reserves nothing, and writes to them as to memory: where the
disk has no room for a page by then, the system kills the process (SIGBUS).
"""

from __future__ import annotations

import fcntl
import mmap
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from prometheus_client.mmap_dict import MmapedDict

FIRST_SIZE = 1 << 14
"""Bytes of a new file, enough for some hundred counters; the library doubles it when it is full."""
AROUND_A_KEY = 28
"""Bytes that an entry takes beside its key, at most: its length, padding, value and time."""
HEADER = 8
RETURN_EVERY = 5.0
"""Seconds between two tries to return to the disk."""

_in_memory: set[Path] = set()


def are_in_memory() -> bool:
    """Whether this process has counters that the disk had no room for, and that no other process sees."""
    return bool(_in_memory)


class ReservedCounters(MmapedDict):
    """Counters in a file, or in this process' memory for as long as the disk has no room for them.

    The library calls it under a lock of its own, which is why it returns to the disk only when something is counted.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        """Open the file, or one in memory in its place."""
        self._home = Path(filename)
        self._lock: BinaryIO | None = None
        self._return_after = 0.0
        try:
            self._reserve(FIRST_SIZE)
        except OSError:
            memory = os.memfd_create(self._home.name)
            super().__init__(f"/proc/self/fd/{memory}", read_mode)  # type: ignore[no-untyped-call]  # untyped there
            os.close(memory)  # it is open a second time now
            self._note_absence()
        else:
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]  # untyped there

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Write a counter's value."""
        if _in_memory and self._home in _in_memory and time.monotonic() > self._return_after:
            self._return()
        super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]  # untyped there

    def close(self) -> None:
        """Let go of the file."""
        _in_memory.discard(self._home)
        super().close()  # type: ignore[no-untyped-call]  # untyped there
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _init_value(self, key: str) -> None:
        """Append a counter, for which the library makes the file larger if need be."""
        size = self._capacity
        while self._used + len(key.encode()) + AROUND_A_KEY > size:
            size *= 2
        if size > self._capacity and self._home not in _in_memory:
            try:
                self._reserve(size)
            except OSError:
                self._leave()
        super()._init_value(key)  # type: ignore[no-untyped-call]  # untyped there

    def _reserve(self, size: int) -> None:
        """Make the file, or make it larger, such that the disk has room for all of it.

        Raises:
            OSError: it has none; the file is as it was.
        """
        if self._lock is None:
            self._lock = reserved(self._home, size)
        else:
            _allocate(self._lock, size)

    def _leave(self) -> None:
        memory = os.fdopen(os.memfd_create(self._home.name), "r+b")
        memory.truncate(self._capacity)
        self._move_to(memory)
        self._note_absence()

    def _return(self) -> None:
        try:
            self._reserve(self._capacity)
            self._move_to(self._home.open("r+b"))
        except OSError:
            self._note_absence()
        else:
            _in_memory.discard(self._home)

    def _move_to(self, file: BinaryIO) -> None:
        moved = mmap.mmap(file.fileno(), self._capacity)
        moved[HEADER:] = self._m[HEADER:]
        moved[:HEADER] = self._m[:HEADER]  # last: it says how much of the rest counts
        self._m.close()
        self._f.close()
        self._f, self._m = file, moved

    def _note_absence(self) -> None:
        _in_memory.add(self._home)
        self._return_after = time.monotonic() + RETURN_EVERY


def reserved(path: Path, size: int) -> BinaryIO:
    """Make a file that the disk has room for; it is locked for as long as what is returned is open.

    Raises:
        OSError: the disk has none, and there is no file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unready = path.with_suffix(".new")  # whoever gathers all counters stumbles over an empty file
    file = unready.open("wb")
    try:
        _allocate(file, size)
        with suppress(OSError):  # where no file can be locked, none is taken for that of a process that ended
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unready.rename(path)
    except OSError:
        file.close()
        unready.unlink(missing_ok=True)
        raise
    return file


def _allocate(file: BinaryIO, size: int) -> None:
    before = os.fstat(file.fileno()).st_size
    try:
        os.posix_fallocate(file.fileno(), 0, max(size, before))
    except OSError:
        os.ftruncate(file.fileno(), before)
        raise
