"""A transaction that is queued and thrown away: the server says what its user may not do, and does none of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import redis

from hookrouter.domain.errors import NotPermitted
from hookrouter.store.commands import Command
from hookrouter.store.failures import denial

Denied = tuple[Command, NotPermitted]
"""A command, and what the server says of it."""


def rehearsed(connection: Any, commands: Sequence[Command], watched: str) -> list[Denied]:
    """Those commands that are denied, and those of a transaction's own, which watches a key.

    Rights are looked at when a command is queued, by all versions alike; `ACL DRYRUN` is for administrators, and since
    7.0. Nothing is sent to be queued before the server has said that it queues: it would be run.
    """
    around: list[Command] = [("WATCH", watched), ("MULTI",), ("EXEC",)]
    opened = _ask(connection, [*around, ("MULTI",)])  # where EXEC is denied, the first is open yet
    if isinstance(opened[1], Exception):
        return _denied(around, opened[:3])
    queued: list[Command] = [*commands, ("DISCARD",)]
    answers = _ask(connection, queued)
    if isinstance(answers[-1], Exception):
        connection.disconnect()  # and with it the transaction
    return _denied([*around, *queued], [*opened[:3], *answers])


def _denied(asked: Sequence[Command], answers: Sequence[Any]) -> list[Denied]:
    said = zip(asked, map(denial, answers), strict=True)
    return [(command, denied) for command, denied in said if denied is not None]


def _ask(connection: Any, commands: Sequence[Command]) -> list[Any]:
    """The answer to each, be it a refusal."""
    connection.send_packed_command(connection.pack_commands(commands))
    return [_answer(connection) for _ in commands]


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except redis.ResponseError as refusal:
        return refusal
