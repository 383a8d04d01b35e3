"""The spool's file: opened when it is needed, written in turn, and begun anew beside one that is damaged.

A file is never renamed or removed: SQLite deletes a file's log by its name when the last process closes it. So the
file in use is the one with the highest number, and the others stay for the operator.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import SpoolAway
from hookrouter.spool.schema import COLUMNS, INSERT_IF_WHOLE, set_up

FILE = "pushes.sqlite3"
MENDING = "mending.lock"
BUSY_SECONDS = 2.0
BUSY_PAUSE = 0.001
"""How long a process waits for another's write, which takes a millisecond, and between two tries."""
MOST_FILES = 100
"""Damaged ones and the one in use; with more, something else damages them."""
PRIMARY_CODE = 0xFF
"""The bits of SQLite's error codes that tell the kind."""
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Kinds of faults by which a file is given up; one that is shorter than it says is damaged as well."""
_NAME = re.compile(r"pushes(?:\.([0-9]{1,3}))?\.sqlite3")


class SpoolDamaged(SpoolAway):
    """The file in use cannot be used any more; another has been begun, which has what could be saved."""


class SpoolFile:
    """The file that is in use, in a folder of this machine; `on_damage` is told the name of each that is given up."""

    def __init__(self, folder: Path, on_damage: Callable[[str, int], None]) -> None:
        self._folder = folder
        self._on_damage = on_damage
        self._opened: sqlite3.Connection | None = None
        self._number = 0
        self._clock = SystemClock()

    def number(self) -> int:
        """The number of the file in use; 0 while there is none."""
        with _folder_named():
            try:
                names = [path.name for path in self._folder.iterdir()]
            except FileNotFoundError:
                self._insist_that_it_can_be_made()
                return 0
        return max((int(match[1] or 1) for name in names if (match := _NAME.fullmatch(name))), default=0)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, in turn with other processes."""
        with self.reading() as connection:
            self._in_turn(partial(connection.execute, "BEGIN IMMEDIATE"))
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, or `SpoolAway`."""
        try:
            with _folder_named():
                yield self._current()
        except sqlite3.Error as fault:
            self._opened = None  # after a failed flush nothing that this connection says can be relied on
            if _is_damage(fault):
                self._give_up(fault)
            raise _no_disk(fault) from fault

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _current(self) -> sqlite3.Connection:
        number = max(1, self.number())
        if self._opened is None or number != self._number:
            self._number = number
            try:
                self._opened = self._open(number)
            except (IsADirectoryError, PermissionError) as fault:
                if os.access(self._folder, os.W_OK | os.X_OK):
                    self._give_up(fault)
                raise
        return self._opened

    def _open(self, number: int) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / _file(number)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._in_turn(partial(set_up, connection))
        return connection

    def _give_up(self, why: Exception) -> NoReturn:
        """Begin another file; whoever wanted something may ask again."""
        try:
            with _folder_named():
                self._begin_another()
        except sqlite3.Error as fault:
            raise _no_disk(fault) from fault
        raise SpoolDamaged("the spool's file is damaged") from why

    def _begin_another(self) -> None:
        """Leave the file in use to the operator, unless another process has: what can be read of it is copied."""
        given_up = self._number
        with _alone(self._folder / MENDING):
            if self.number() > given_up or given_up >= MOST_FILES:
                return
            self._number = given_up + 1
            self._opened = self._open(self._number)
            saved = self._save(self._folder / _file(given_up))
        self._on_damage(_file(given_up), saved)

    def _save(self, damaged: Path) -> int:
        """Copy what can be read of a damaged file; how many pushes those are."""
        saved = 0
        try:
            with self.writing() as connection:
                for row in _readable(damaged):
                    saved += connection.execute(INSERT_IF_WHOLE, row).rowcount
        except SpoolAway:  # the disk has no room for them: they stay where they are
            return 0
        return saved

    def _in_turn(self, write: Callable[[], object]) -> None:
        """Write as soon as nobody else does, asking often: SQLite asks ever more rarely and is shut out."""
        deadline = self._clock.monotonic() + BUSY_SECONDS
        while True:
            try:
                write()
            except sqlite3.OperationalError as fault:
                is_busy = fault.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
                if not is_busy or self._clock.monotonic() > deadline:
                    raise
                self._clock.sleep(BUSY_PAUSE)
            else:
                return

    def _insist_that_it_can_be_made(self) -> None:
        nearest = next(folder for folder in self._folder.absolute().parents if folder.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _file(number: int) -> str:
    return FILE if number == 1 else f"pushes.{number}.sqlite3"


@contextmanager
def _folder_named() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise SpoolAway(f"the spool's folder cannot be written in ({fault.strerror})") from fault


def _no_disk(fault: sqlite3.Error) -> SpoolAway:
    return SpoolAway(f"the spool's disk does not take it ({type(fault).__name__})")


def _is_damage(fault: sqlite3.Error) -> bool:
    code = getattr(fault, "sqlite_errorcode", 0)
    return code & PRIMARY_CODE in DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _readable(damaged: Path) -> Iterator[tuple[Any, ...]]:
    """What can be read of a damaged file, from the oldest on; where a page is broken, from behind it on."""
    if not damaged.is_file():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged, timeout=BUSY_SECONDS)) as connection:
        last = 0
        question = f"SELECT place, {COLUMNS} FROM push NOT INDEXED ORDER BY place"  # noqa: S608 - our own columns
        try:
            for place, *row in connection.execute(question):
                last = place
                yield tuple(row)
        except sqlite3.DatabaseError:
            yield from _from_the_end(connection, last)


def _from_the_end(connection: sqlite3.Connection, last: int) -> Iterator[tuple[Any, ...]]:
    places: list[int] = []
    with suppress(sqlite3.Error):
        for (place,) in connection.execute("SELECT place FROM push WHERE place > ? ORDER BY place DESC", (last,)):
            places.append(place)
    for place in reversed(places):
        with suppress(sqlite3.Error):
            question = f"SELECT {COLUMNS} FROM push WHERE place = ?"  # noqa: S608 - our own columns
            yield from connection.execute(question, (place,)).fetchall()
