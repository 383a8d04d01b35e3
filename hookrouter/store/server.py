"""The connection to Redis: commands, transactions and scripts, with one kind of failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from hookrouter.domain.errors import StoreAway

Argument = str | bytes | int | float
Command = tuple[Argument, ...]

CONNECT_SECONDS = 1.0
SCRIPTS = ("accept", "fenced", "promote", "renew", "release", "permit", "replay")


class RedisServer:
    """One Redis as hookrouter uses it; safe to share between threads.

    Nothing is retried here: redis-py would repeat whole transactions whose answer was lost, and each caller
    knows better what a repeat means.
    """

    def __init__(self, url: str, *, answer_within: float = 5.0) -> None:
        """Connect lazily to `url`; a command may take `answer_within` seconds."""
        self.client = redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=answer_within,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
        )
        folder = resources.files("hookrouter.store") / "scripts"
        self._scripts = {
            name: self.client.register_script((folder / f"{name}.lua").read_text("utf-8")) for name in SCRIPTS
        }

    def call(self, *command: Argument) -> Any:
        """Run one command."""
        with _failures_named():
            return self.client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open

    def call_all(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands in one round trip, not as one step."""
        return self._pipe(commands, transaction=False)

    def transaction(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands as one atomic step (MULTI/EXEC)."""
        return self._pipe(commands, transaction=True)

    def _pipe(self, commands: Sequence[Command], *, transaction: bool) -> list[Any]:
        if not commands:
            return []
        with _failures_named(), self.client.pipeline(transaction=transaction) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open
            return pipeline.execute()

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run one of the scripts in `store/scripts`."""
        with _failures_named():
            return self._scripts[script](keys=list(keys), args=list(arguments))


def flatten(commands: Sequence[Command]) -> list[Argument]:
    """Commands as a script's arguments: each preceded by its length."""
    flat: list[Argument] = []
    for command in commands:
        flat.append(len(command))
        flat.extend(command)
    return flat


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as fault:
        raise StoreAway(_describe(fault)) from fault


def _describe(fault: redis.RedisError) -> str:
    """What the operator should know; a reply's first word only, for the rest may quote an argument."""
    match fault:
        case redis.AuthenticationError() | redis.exceptions.NoPermissionError():
            return "Redis refuses the user or password of its URL"
        case redis.TimeoutError():
            return "Redis does not answer in time"
        case redis.exceptions.BusyLoadingError():
            return "Redis is still loading its data"
        case redis.ReadOnlyError():
            return "Redis is a read-only replica"
        case redis.OutOfMemoryError():
            return "Redis is out of memory"
        case redis.ConnectionError():
            return "Redis is not reachable"
        case _:
            return f"Redis refused a command ({str(fault).split(' ', 1)[0]})"
