"""People in the spool of this machine: in the file that is used, and in those that were given up."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hookrouter.domain.bounds import Bounds
from hookrouter.domain.forgetting import Place
from hookrouter.ports.forgetting import Task
from hookrouter.spool.schema import COLUMNS
from hookrouter.wire.pushes.forgetting import push_without

FILES = re.compile(r"pushes(?:\.[0-9]{1,3})?\.sqlite3(?:-wal)?")
BUSY_SECONDS = 5.0
PLACED = f"place, {COLUMNS}"
AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledPeople:
    """The people in a folder of the spool; see `ports.forgetting.People`."""

    folder: Path
    bounds: Bounds

    def walk(self, task: Task) -> Iterator[None]:
        """Go through its files."""
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        for name in names:
            if FILES.fullmatch(name) and not name.endswith("-wal"):
                yield from self._file(self.folder / name, task)

    def _file(self, path: Path, task: Task) -> Iterator[None]:
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                yield from self._pushes(connection, task)
                self._unreadable(connection, task)
                if task.writes:  # what was deleted stands in the log until that is empty
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            self._damaged(path, task)

    def _damaged(self, path: Path, task: Task) -> None:
        with path.open("rb") as file:
            beginning = b""
            while part := file.read(1 << 20):
                if task.whom.is_named_in(beginning + part):
                    task.erased.left.add(f"{path} is damaged and names them: see what is in it, and remove it")
                    return
                beginning = part[-4096:]

    def _pushes(self, connection: sqlite3.Connection, task: Task) -> Iterator[None]:
        last = 0
        question = f"SELECT {PLACED} FROM push WHERE place > ? ORDER BY place LIMIT ?"  # noqa: S608 - our own columns
        while rows := connection.execute(question, (last, AT_ONCE)).fetchall():
            for row in rows:
                self._push(connection, row, task)
            last = rows[-1][0]
            yield

    def _push(self, connection: sqlite3.Connection, row: tuple[Any, ...], task: Task) -> None:
        place, name, source, _, received_at, headers, body, receipt = row
        try:
            said = {str(key): str(value) for key, value in orjson.loads(headers).items()}
        except (ValueError, AttributeError, TypeError):
            said = {}
        if not isinstance(body, bytes):
            return
        left = push_without(str(source), body, said, task.whom, self.bounds)
        if left is None:
            return
        if task.writes:
            connection.execute("BEGIN IMMEDIATE")
            gone = connection.execute("DELETE FROM push WHERE place = ?", (place,)).rowcount
            if gone and left.body is not None:  # at its old place, and counted anew
                digest, plain = hashlib.sha256(left.body).digest(), orjson.dumps(dict(left.headers))
                values = (place, name, source, digest, received_at, plain, left.body, receipt)
                marks = ", ".join("?" * len(values))
                connection.execute(f"INSERT INTO push ({PLACED}) VALUES ({marks})", values)  # noqa: S608 - our own
            connection.execute("COMMIT")
        task.note(Place.SPOOL)

    def _unreadable(self, connection: sqlite3.Connection, task: Task) -> None:
        """Records that were damaged: those that name the person go."""
        for place, *values in connection.execute(f"SELECT {PLACED} FROM unreadable").fetchall():  # noqa: S608 - our own
            whole = b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in values)
            if task.whom.is_named_in(whole):
                if task.writes:
                    connection.execute("DELETE FROM unreadable WHERE place = ?", (place,))
                task.note(Place.SPOOL)
