"""What Redis says of itself: version, role, memory, append-only file, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hookrouter.domain.errors import NotPermitted, StoreAway
from hookrouter.domain.preflight import RedisFacts
from hookrouter.domain.rights import Lack
from hookrouter.ports.surroundings import Clock
from hookrouter.store.keys import Keys
from hookrouter.store.rights import lacking
from hookrouter.store.server import RedisServer

FLUSHING = "*appendfsync*"
"""One pattern for two settings: more than one is understood since 7.0 only."""
REFUSED = {"sentinel", "cluster"}
"""Modes in which no process starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisInspection:
    """The facts of one server; see `ports.inspection.Inspection`.

    Attributes:
        waits: whether replicas must have each push.
    """

    server: RedisServer
    keys: Keys
    clock: Clock
    waits: Callable[[], bool] = lambda: False

    def facts(self) -> RedisFacts:
        """Ask for them; a command that is not permitted, as on managed services, leaves its facts out."""
        with suppress(NotPermitted):
            self.server.call("PING")
        said = self._permitted("INFO")
        settings = _texts(self._permitted("CONFIG", "GET", FLUSHING))
        address, mode = self.server.address, str(said.get("server_mode") or said.get("redis_mode", "standalone"))
        is_replica = said["role"] == "slave" if "role" in said else None
        return RedisFacts(
            product=str(said.get("server_name", "redis")).capitalize(),
            version=_version(said),
            is_replica=is_replica,
            replicas=_online_replicas(said),
            append_only=bool(said["aof_enabled"]) if "aof_enabled" in said else None,
            appendfsync=settings.get("appendfsync"),
            flushes_in_rewrites=_flag(settings.get("no-appendfsync-on-rewrite")),
            eviction=said.get("maxmemory_policy"),
            memory_used=int(said.get("used_memory", 0)),
            memory_most=int(said.get("maxmemory", 0)),
            ahead=timedelta() if mode == "sentinel" else self._ahead(),  # which has no clock to ask for
            lacks=() if is_replica or mode in REFUSED else self.lacks(),  # where nothing is written
            mode=mode,
            is_local=address.is_local,
            has_password=address.password is not None,
            is_checked=address.is_checked,
        )

    def memory(self) -> tuple[int, int]:
        """How many bytes it uses, and may use at most; 0 for what it does not tell, or has no bound."""
        said = self._permitted("INFO", "memory")
        return int(said.get("used_memory", 0)), int(said.get("maxmemory", 0))

    def lacks(self, *, to_take_alone: bool = False) -> Sequence[Lack]:
        """Rehearse what all processes and commands do, or what taking a push does."""
        return lacking(self.server, self.keys, waits=self.waits(), to_take_alone=to_take_alone)

    def _ahead(self) -> timedelta:
        before = self.clock.now()
        try:
            seconds, microseconds = self.server.call("TIME")
        except NotPermitted:
            return timedelta()
        after = self.clock.now()
        there = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
        return before + (after - before) / 2 - there

    def _permitted(self, *command: str) -> Mapping[Any, Any]:
        try:
            answer = self.server.call(*command)
        except StoreAway:  # it answered just now: it is this command that it refuses
            return {}
        return answer if isinstance(answer, Mapping) else dict(zip(answer[::2], answer[1::2], strict=True))


def _version(said: Mapping[str, Any]) -> tuple[int, ...] | None:
    version = str(said.get("valkey_version") or said.get("redis_version", ""))
    return tuple(int(part) for part in version.split(".") if part.isdigit()) or None


def _online_replicas(said: Mapping[str, Any]) -> int | None:
    if "connected_slaves" not in said:
        return None
    named = [said.get(f"slave{number}") for number in range(int(said["connected_slaves"]))]
    return len([one for one in named if isinstance(one, Mapping) and one.get("state") == "online"])


def _texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _flag(word: str | None) -> bool | None:
    """Whether the file is flushed also in rewrites, from the setting that says whether it is not."""
    return None if word is None else word == "no"
