"""The spool: pushes in one SQLite file, each flushed to disk before its sender is answered.

SQLite's write-ahead log survives kill -9 and a torn last record, and is safe with several processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from hookrouter.domain.errors import SpoolAway
from hookrouter.domain.events import EntryUnreadable
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push, Receipt
from hookrouter.domain.spool_events import SpoolFileGivenUp
from hookrouter.ports.receiver import SpoolDepth, SpooledPush
from hookrouter.ports.surroundings import Observer
from hookrouter.spool.file import SpoolDamaged, SpoolFile
from hookrouter.spool.schema import INSERT

LOCK = "feeding.lock"
MOST_PUSHES = 50_000
TRIES = 3
"""Of a write, while the file in use is found damaged or another process has begun another."""


class PushSpool:
    """The spool in a folder of this machine; its file is made when it is first needed."""

    def __init__(self, folder: Path, most_bytes: int, observer: Observer | None = None) -> None:
        """Keep at most `most_bytes` of bodies in `folder`."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._observer = observer
        self._file = SpoolFile(folder, self._report_damage)

    def keep(self, push: Push, receipt: Receipt) -> Receipt:
        """Write a push to disk; the receipt of the first, if the same body of the same source is kept already.

        Raises:
            SpoolAway: the spool is full, or its disk does not take it.
        """
        digest = hashlib.sha256(push.body).digest()
        numbers = orjson.dumps([receipt.leads, receipt.accepted, receipt.rejected])
        row = (push.id, push.source, digest, push.received_at.isoformat(), orjson.dumps(dict(push.headers)), push.body)
        for _ in range(TRIES):
            number = self._file.number()
            try:
                kept = self._keep(push, (*row, numbers))
            except SpoolDamaged:
                continue
            if self._file.number() in (number, 1):
                return kept or receipt
        raise SpoolAway("the spool's files are damaged again and again")

    def _keep(self, push: Push, row: tuple[Any, ...]) -> Receipt | None:
        """The first one's receipt; None when it is this one that is kept."""
        with self._file.writing() as connection:
            if (first := _first_of(connection, push, row[2])) is not None:
                return first
            pushes, size = _measure(connection)
            if pushes >= MOST_PUSHES or size + len(push.body) > self._most_bytes:
                raise SpoolAway("the spool is full")
            connection.execute(INSERT, row)
        return None

    def oldest(self, count: int, after: int = 0) -> Sequence[SpooledPush]:
        """The pushes that wait longest, behind a place; a record that says nothing is set aside."""
        while rows := self._select("place, id, source, received_at, headers, body", count, after):
            read = [(row[0], _spooled(row)) for row in rows]
            for place in [place for place, spooled in read if spooled is None]:
                self._set_aside(place)
                if self._observer is not None:
                    self._observer.report(EntryUnreadable(stream="spool", entry=str(place)))
            if whole := [spooled for _, spooled in read if spooled is not None]:
                return whole
        return []

    def names(self, count: int, after: int = 0) -> Sequence[tuple[int, PushId]]:
        """Place and id of the pushes that wait longest, behind a place."""
        return [(place, PushId(name)) for place, name in self._select("place, id", count, after)]

    def _select(self, columns: str, count: int, after: int) -> list[Any]:
        if not self._file.number():
            return []
        question = f"SELECT {columns} FROM push WHERE place > ? ORDER BY place LIMIT ?"  # noqa: S608 - our own columns
        with self._file.reading() as connection:
            return connection.execute(question, (after, count)).fetchall()

    def remove(self, spooled: Sequence[SpooledPush]) -> None:
        """Forget pushes that Redis has now."""
        with self._file.writing() as connection:
            connection.executemany("DELETE FROM push WHERE place = ?", [(one.place,) for one in spooled])

    def set_aside(self, spooled: SpooledPush) -> None:
        """Move a push that this version cannot read out of the way, never away."""
        self._set_aside(spooled.place)

    def _set_aside(self, place: int) -> None:
        with self._file.writing() as connection:
            connection.execute("INSERT INTO unreadable SELECT * FROM push WHERE place = ?", (place,))
            connection.execute("DELETE FROM push WHERE place = ?", (place,))

    def depth(self) -> SpoolDepth:
        """How much waits, and how much there may be."""
        pushes, size = 0, 0
        if self._file.number():
            with self._file.reading() as connection:
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
        if not self._file.number():
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

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _report_damage(self, file: str, saved: int) -> None:
        if self._observer is not None:
            self._observer.report(SpoolFileGivenUp(file=file, saved=saved))


def _no_folder(fault: OSError) -> SpoolAway:
    return SpoolAway(f"the spool's folder cannot be written in ({fault.strerror})")


def _measure(connection: sqlite3.Connection) -> tuple[int, int]:
    pushes, size = connection.execute("SELECT pushes, bytes FROM total").fetchone()
    return int(pushes), int(size)


def _first_of(connection: sqlite3.Connection, push: Push, digest: bytes) -> Receipt | None:
    found = connection.execute(
        "SELECT id, receipt FROM push WHERE source = ? AND digest = ? LIMIT 1", (push.source, digest)
    ).fetchone()
    return None if found is None else _receipt(found[0], found[1], duplicate=found[0] != push.id)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _receipt(push: str, numbers: bytes, *, duplicate: bool) -> Receipt:
    leads, accepted, rejected = orjson.loads(numbers)
    return Receipt(push=PushId(push), leads=leads, accepted=accepted, rejected=rejected, duplicate=duplicate)


def _spooled(row: tuple[Any, ...]) -> SpooledPush | None:
    """What a record says; None for one that was damaged."""
    place, push, source, received_at, headers, body = row
    try:
        read = orjson.loads(headers)
        moment = datetime.fromisoformat(received_at)
    except (TypeError, ValueError):
        return None
    if not (isinstance(read, dict) and isinstance(push, str) and isinstance(source, str) and isinstance(body, bytes)):
        return None
    named = Push(id=PushId(push), source=SourceName(source), received_at=moment, body=body, headers=read)
    return SpooledPush(place=place, push=named)
