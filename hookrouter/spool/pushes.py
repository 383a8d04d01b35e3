"""The spool: pushes in one SQLite file, each flushed to disk before its sender is answered.

SQLite's write-ahead log survives kill -9 and a torn last record, and is safe with several processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import SpoolAway
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push, Receipt
from hookrouter.ports.receiver import SpoolDepth, SpooledPush

FILE = "pushes.sqlite3"
LOCK = "feeding.lock"
MOST_PUSHES = 50_000
BUSY_SECONDS = 2.0
BUSY_PAUSE = 0.001
"""How long a process waits for another's write, which takes a millisecond, and between two tries."""
PRIMARY_CODE = 0xFF
"""The bits of SQLite's error codes that tell the kind."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS push (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    received_at TEXT NOT NULL,
    headers BLOB NOT NULL,
    body BLOB NOT NULL,
    receipt BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS push_by_digest ON push (source, digest);
CREATE TABLE IF NOT EXISTS unreadable AS SELECT * FROM push WHERE 0;
CREATE TABLE IF NOT EXISTS total (one INTEGER PRIMARY KEY, pushes INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO total VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS push_came AFTER INSERT ON push BEGIN
    UPDATE total SET pushes = pushes + 1, bytes = bytes + LENGTH(NEW.body);
END;
CREATE TRIGGER IF NOT EXISTS push_went AFTER DELETE ON push BEGIN
    UPDATE total SET pushes = pushes - 1, bytes = bytes - LENGTH(OLD.body);
END;
"""
INSERT = "INSERT INTO push (id, source, digest, received_at, headers, body, receipt) VALUES (?, ?, ?, ?, ?, ?, ?)"


class PushSpool:
    """The spool in a folder of this machine; its file is made when it is first needed."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """Keep at most `most_bytes` of bodies in `folder`."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._opened: sqlite3.Connection | None = None
        self._clock = SystemClock()

    def keep(self, push: Push, receipt: Receipt) -> Receipt:
        """Write a push to disk; the receipt of the first, if the same body of the same source is kept already.

        Raises:
            SpoolAway: the spool is full, or its disk does not take it.
        """
        digest = hashlib.sha256(push.body).digest()
        numbers = orjson.dumps([receipt.leads, receipt.accepted, receipt.rejected])
        with self._writing() as connection:
            if (first := _first_of(connection, push.source, digest)) is not None:
                return first
            pushes, size = _measure(connection)
            if pushes >= MOST_PUSHES or size + len(push.body) > self._most_bytes:
                raise SpoolAway("the spool is full")
            row = (push.id, push.source, digest, push.received_at.isoformat(), orjson.dumps(dict(push.headers)))
            connection.execute(INSERT, (*row, push.body, numbers))
        return receipt

    def oldest(self, count: int, after: int = 0) -> Sequence[SpooledPush]:
        """The pushes that wait longest, behind a place."""
        rows = self._select("place, id, source, received_at, headers, body", count, after)
        return [_spooled(row) for row in rows]

    def names(self, count: int, after: int = 0) -> Sequence[tuple[int, PushId]]:
        """Place and id of the pushes that wait longest, behind a place."""
        return [(place, PushId(name)) for place, name in self._select("place, id", count, after)]

    def _select(self, columns: str, count: int, after: int) -> list[Any]:
        if not self._exists():
            return []
        question = f"SELECT {columns} FROM push WHERE place > ? ORDER BY place LIMIT ?"  # noqa: S608 - our own columns
        with self._reading() as connection:
            return connection.execute(question, (after, count)).fetchall()

    def remove(self, spooled: Sequence[SpooledPush]) -> None:
        """Forget pushes that Redis has now."""
        with self._writing() as connection:
            connection.executemany("DELETE FROM push WHERE place = ?", [(one.place,) for one in spooled])

    def set_aside(self, spooled: SpooledPush) -> None:
        """Move a push that this version cannot read out of the way, never away."""
        with self._writing() as connection:
            connection.execute("INSERT INTO unreadable SELECT * FROM push WHERE place = ?", (spooled.place,))
            connection.execute("DELETE FROM push WHERE place = ?", (spooled.place,))

    def depth(self) -> SpoolDepth:
        """How much waits, and how much there may be."""
        pushes, size = 0, 0
        if self._exists():
            with self._reading() as connection:
                pushes, size = _measure(connection)
        return SpoolDepth(pushes=pushes, size=size, most_pushes=MOST_PUSHES, most=self._most_bytes)

    def free(self) -> int:
        """How many bytes the disk has left."""
        nearest = next(folder for folder in (self._folder, *self._folder.absolute().parents) if folder.exists())
        try:
            disk = os.statvfs(nearest)
        except OSError as fault:
            raise _no_folder(fault) from fault
        return disk.f_bavail * disk.f_frsize

    @contextmanager
    def feeding(self) -> Iterator[bool]:
        """Whether this process may feed what waits to Redis, while the block runs: one at a time does."""
        if not self._exists():
            yield False
            return
        try:
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise _no_folder(fault) from fault
        try:
            yield _locks(descriptor)
        finally:
            os.close(descriptor)

    def _exists(self) -> bool:
        return self._opened is not None or (self._folder / FILE).exists()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            self._in_turn(partial(connection.execute, "BEGIN IMMEDIATE"))
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

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

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            self._opened = self._opened or self._open()
            yield self._opened
        except sqlite3.Error as fault:
            self._opened = None  # after a failed flush nothing that this connection says can be relied on
            raise SpoolAway(f"the spool's disk does not take it ({type(fault).__name__})") from fault
        except OSError as fault:
            raise _no_folder(fault) from fault

    def _open(self) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / FILE
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._in_turn(partial(_set_up, connection))
        return connection


def _no_folder(fault: OSError) -> SpoolAway:
    return SpoolAway(f"the spool's folder cannot be written in ({fault.strerror})")


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = FULL")  # an emptied spool gives its space back
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # flushed at every commit, not only at checkpoints
    connection.execute("PRAGMA secure_delete = ON")  # leads are personal data: what is gone is gone
    connection.executescript(SCHEMA)


def _measure(connection: sqlite3.Connection) -> tuple[int, int]:
    pushes, size = connection.execute("SELECT pushes, bytes FROM total").fetchone()
    return int(pushes), int(size)


def _first_of(connection: sqlite3.Connection, source: SourceName, digest: bytes) -> Receipt | None:
    found = connection.execute(
        "SELECT id, receipt FROM push WHERE source = ? AND digest = ? LIMIT 1", (source, digest)
    ).fetchone()
    return None if found is None else _receipt(found[0], found[1], duplicate=True)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _receipt(push: str, numbers: bytes, *, duplicate: bool) -> Receipt:
    leads, accepted, rejected = orjson.loads(numbers)
    return Receipt(push=PushId(push), leads=leads, accepted=accepted, rejected=rejected, duplicate=duplicate)


def _spooled(row: tuple[int, str, str, str, bytes, bytes]) -> SpooledPush:
    place, push, source, received_at, headers, body = row
    return SpooledPush(
        place=place,
        push=Push(
            id=PushId(push),
            source=SourceName(source),
            received_at=datetime.fromisoformat(received_at),
            body=body,
            headers=orjson.loads(headers),
        ),
    )
