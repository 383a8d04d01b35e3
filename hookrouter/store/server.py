"""The connection to Redis that blocks: for requests, commands of the shell and RQ's jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from hookrouter.store.commands import Argument, Command, connection_options, read_scripts
from hookrouter.store.failures import failures_named


class RedisServer:
    """One Redis as hookrouter uses it; safe to share between threads.

    Nothing is retried here: redis-py would repeat whole transactions whose answer was lost, and each caller
    knows better what a repeat means.
    """

    def __init__(self, url: str, *, answer_within: float = 5.0) -> None:
        """Connect lazily to `url`; a command may take `answer_within` seconds."""
        self.client = redis.Redis.from_url(
            url, retry=Retry(NoBackoff(), 0), **connection_options(url, answer_within=answer_within)
        )
        self._scripts = {name: self.client.register_script(text) for name, text in read_scripts().items()}

    def call(self, *command: Argument) -> Any:
        """Run one command."""
        with failures_named():
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
        with failures_named(), self.client.pipeline(transaction=transaction) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open
            return pipeline.execute()

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run one of the scripts in `store/scripts`."""
        with failures_named():
            return self._scripts[script](keys=list(keys), args=list(arguments))
