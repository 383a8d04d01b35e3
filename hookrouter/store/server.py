"""The connection to Redis that blocks: for requests, commands of the shell and RQ's jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis

from hookrouter.store.addresses import blocking_client
from hookrouter.store.commands import Argument, Command, read_scripts
from hookrouter.store.failures import failures_named
from hookrouter.store.rehearsal import Denied, rehearsed
from hookrouter.wire.redis_address import read_address

MARKER_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """For how many replicas to wait, at most `within` milliseconds, behind a write of `marker`."""

    replicas: int
    within: int
    marker: str


class RedisServer:
    """One Redis as hookrouter uses it; safe to share between threads.

    Nothing is retried here: redis-py would repeat whole transactions whose answer was lost, and each caller
    knows better what a repeat means.
    """

    def __init__(self, url: str, *, answer_within: float = 5.0) -> None:
        """Connect lazily to `url`; a command may take `answer_within` seconds."""
        self.address = read_address(url)
        self.client = blocking_client(self.address, answer_within=answer_within)
        self._scripts = {name: self.client.register_script(text) for name, text in read_scripts().items()}

    def call(self, *command: Argument) -> Any:
        """Run one command."""
        with self._failures_named():
            return self.client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open

    def call_all(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands in one round trip, but not as one step."""
        return self._pipe(commands, transaction=False)

    def transaction(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands as one atomic step (MULTI/EXEC)."""
        return self._pipe(commands, transaction=True)

    def run_and_wait(
        self, script: str, keys: Sequence[str], arguments: Sequence[Argument], wait: Wait
    ) -> tuple[Any, int]:
        """Run a script, then wait for replicas; returns its answer, and how many of them have all of it.

        WAIT only knows what its own connection wrote to this very server, so everything goes in one round trip. A
        script that found its work done writes nothing; the marker, written after it, stands for what came before.
        """
        known = self._scripts[script]
        evaluate: Command = ("EVALSHA", known.sha, len(keys), *keys, *arguments)
        commands = [evaluate, *_behind(wait)]
        with self._failures_named():
            answer, _, confirmed = self._answers(commands)
            if isinstance(answer, redis.exceptions.NoScriptError):
                self.client.script_load(known.script)
                answer, _, confirmed = self._answers(commands)
            if isinstance(answer, Exception):
                raise answer
        return answer, _count(confirmed)

    def confirmed_by(self, wait: Wait) -> int:
        """Write only the marker and wait for replicas; returns how many of them have everything up to it."""
        with self._failures_named():
            _, confirmed = self._answers(_behind(wait))
        return _count(confirmed)

    def _answers(self, commands: Sequence[Command]) -> list[Any]:
        """The answer to each command of one round trip, even if it is an error."""
        with self.client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open
            return pipeline.execute(raise_on_error=False)

    def _pipe(self, commands: Sequence[Command], *, transaction: bool) -> list[Any]:
        if not commands:
            return []
        with self._failures_named(), self.client.pipeline(transaction=transaction) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it open
            return pipeline.execute()

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run one of the scripts in `store/scripts`."""
        with self._failures_named():
            return self._scripts[script](keys=list(keys), args=list(arguments))

    def rehearse(self, commands: Sequence[Command], *, watched: str) -> list[Denied]:
        """Which of these commands, and of those around each transaction, our user is denied; none is run."""
        with self._failures_named():
            pool = self.client.connection_pool
            connection: Any = pool.get_connection()
            try:
                return rehearsed(connection, commands, watched)
            except BaseException:
                connection.disconnect()  # with a transaction that may be open
                raise
            finally:
                pool.release(connection)

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        """Turn failures into `StoreAway`, and drop all connections once one is refused.

        Connections opened before a password was changed stay authenticated. Mixed with new ones, which are refused,
        they would make each command a matter of luck, and probes would say something else than pushes and feed meet.
        """
        with failures_named(by_tls=self.address.is_tls):
            try:
                yield
            except redis.AuthenticationError:
                pool: Any = self.client.connection_pool  # a `LeavingPool`, which redis-py's types do not tell
                pool.leave()
                raise


def _behind(wait: Wait) -> list[Command]:
    return [("SET", wait.marker, "", "EX", MARKER_SECONDS), ("WAIT", wait.replicas, wait.within)]


def _count(confirmed: Any) -> int:
    """How many confirmed; none if the user may not wait."""
    return confirmed if isinstance(confirmed, int) else 0
