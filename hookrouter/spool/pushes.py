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
from datetime import datetime, timedelta
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
REFUSED = b"null"
"""The receipt of a push that was refused."""
MOST_PUSHES = 50_000
TRIES = 3
"""Of a write, while the file in use is found damaged or another process has begun another."""


class PushSpool:
    """The spool in a folder of this machine; its file is made when it is first needed."""

    def __init__(
        self, folder: Path, most_bytes: int, observer: Observer | None = None, window: timedelta = timedelta.max
    ) -> None:
        """Keep at most `most_bytes` of bodies and headers in `folder`, the same body once in each `window`."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._window = window
        self._observer = observer
        self._file = SpoolFile(folder, self._report_damage)

    def keep(self, push: Push, receipt: Receipt) -> Receipt:
        """Write a push to disk; the receipt of the first, if the same body of the same source is kept already.

        Raises:
            SpoolAway: the spool is full, or its disk does not take it.
        """
        return self._keep(push, orjson.dumps([receipt.leads, receipt.accepted, receipt.rejected])) or receipt

    def keep_refused(self, push: Push) -> None:
        """Write a push to disk in which no lead could be found, if that leaves room for others."""
        if not self.depth().is_half_full:
            self._keep(push, REFUSED)

    def _keep(self, push: Push, receipt: bytes) -> Receipt | None:
        """The first one's receipt; None when it is this one that is kept."""
        for _ in range(TRIES):
            number = self._file.number()
            try:
                first = self._keep_once(push, receipt)
            except SpoolDamaged:
                continue
            if self._file.number() in (number, 1):
                return first
        raise SpoolAway("the spool's files are damaged again and again")

    def _keep_once(self, push: Push, receipt: bytes) -> Receipt | None:
        digest, headers = hashlib.sha256(push.body).digest(), orjson.dumps(dict(push.headers))
        with self._file.writing() as connection:
            if receipt != REFUSED and (first := self._first_of(connection, push, digest)) is not None:
                return first
            pushes, size = _measure(connection)
            if pushes >= MOST_PUSHES or size + len(push.body) + len(headers) > self._most_bytes:
                raise SpoolAway("the spool is full")
            received_at = push.received_at.isoformat()
            connection.execute(INSERT, (push.id, push.source, digest, received_at, headers, push.body, receipt))
        return None

    def _first_of(self, connection: sqlite3.Connection, push: Push, digest: bytes) -> Receipt | None:
        """The receipt of the same body, unless that came so long before that it counts as another."""
        question = "SELECT id, received_at, receipt FROM push WHERE source = ? AND digest = ? ORDER BY place DESC"
        for name, received_at, receipt in connection.execute(question, (push.source, digest)):
            if receipt != REFUSED and push.received_at.isoformat() < self._end_of_window(received_at):
                return _receipt(name, receipt, duplicate=name != push.id)
        return None

    def _end_of_window(self, received_at: str) -> str:
        """Until when the same body is a re-send; times in UTC are in the order of their texts."""
        try:
            return (datetime.fromisoformat(received_at) + self._window).isoformat()
        except (ValueError, OverflowError):
            return "~"

    def oldest(self, count: int, after: int = 0) -> Sequence[SpooledPush]:
        """The pushes that wait longest, behind a place; a record that says nothing is set aside."""
        while rows := self._select("place, id, source, received_at, headers, body, receipt", count, after):
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

    def _set_aside(self, place: int) -> None:
        """Move a record that says nothing out of the way, never away."""
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
    place, push, source, received_at, headers, body, receipt = row
    try:
        read = orjson.loads(headers)
        moment = datetime.fromisoformat(received_at)
    except (TypeError, ValueError):
        return None
    if not (isinstance(read, dict) and isinstance(push, str) and isinstance(source, str) and isinstance(body, bytes)):
        return None
    named = Push(id=PushId(push), source=SourceName(source), received_at=moment, body=body, headers=read)
    return SpooledPush(place=place, push=named, is_refused=receipt == REFUSED)
