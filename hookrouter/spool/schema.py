"""What stands in the spool's file, and how it is flushed."""

from __future__ import annotations

import sqlite3

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
CREATE TRIGGER IF NOT EXISTS whole_push_came AFTER INSERT ON push BEGIN
    UPDATE total SET pushes = pushes + 1, bytes = bytes + LENGTH(NEW.body) + LENGTH(NEW.headers);
END;
CREATE TRIGGER IF NOT EXISTS whole_push_went AFTER DELETE ON push BEGIN
    UPDATE total SET pushes = pushes - 1, bytes = bytes - LENGTH(OLD.body) - LENGTH(OLD.headers);
END;
"""
COUNT_ANEW = """
BEGIN IMMEDIATE;
DROP TRIGGER IF EXISTS push_came;
DROP TRIGGER IF EXISTS push_went;
UPDATE total SET (pushes, bytes) = (SELECT COUNT(*), COALESCE(SUM(LENGTH(body) + LENGTH(headers)), 0) FROM push);
PRAGMA user_version = 1;
COMMIT;
"""
"""For files of the time when headers did not count."""
COLUMNS = "id, source, digest, received_at, headers, body, receipt"
INSERT = f"INSERT INTO push ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own columns
INSERT_IF_WHOLE = INSERT.replace("INSERT", "INSERT OR IGNORE", 1)


def set_up(connection: sqlite3.Connection) -> None:
    """Make a file the spool's, if it is not yet, and have every commit flushed."""
    connection.execute("PRAGMA auto_vacuum = FULL")  # an emptied spool gives its space back
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # flushed at every commit, not only at checkpoints
    connection.execute("PRAGMA secure_delete = ON")  # leads are personal data: what is gone is gone
    connection.executescript(SCHEMA)
    if connection.execute("PRAGMA user_version").fetchone() == (0,):
        connection.executescript(COUNT_ANEW)
