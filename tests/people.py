"""Looks for a person's values in all that is kept: every value of every type in Redis, every file of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

WAYS = {
    "string": ("GET",),
    "hash": ("HGETALL",),
    "list": ("LRANGE", 0, -1),
    "set": ("SMEMBERS",),
    "zset": ("ZRANGE", 0, -1, "WITHSCORES"),
    "stream": ("XRANGE", "-", "+"),
}


def everything(server: RedisServer, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """All names of keys, and all they hold, also keys that are not ours."""
    for name in server.client.scan_iter(f"{prefix}*", count=1000):
        kind = server.call("TYPE", name).decode()
        if kind in WAYS:
            command, *rest = WAYS[kind]
            yield name.decode("utf-8", "replace"), name + b"\n" + b"\n".join(flat(server.call(command, name, *rest)))


def flat(value: Any) -> Iterator[bytes]:
    match value:
        case bytes():
            yield value
        case dict():
            for pair in value.items():
                yield from flat(list(pair))
        case list() | tuple() | set():
            for each in value:
                yield from flat(each)
        case None:
            return
        case _:
            yield str(value).encode()


def found_in_redis(server: RedisServer, values: Iterable[str], prefix: str = "") -> dict[str, list[str]]:
    """The keys that hold any of these values, each with those."""
    wanted = {value: value.lower().encode() for value in values}
    hits: dict[str, list[str]] = {}
    for name, held in everything(server, prefix):
        low = held.lower()
        if named := [value for value, word in wanted.items() if word in low]:
            hits[name] = named
    return hits


def found_in_files(folder: Path, values: Iterable[str]) -> dict[str, list[str]]:
    """The files that hold any of these values, each with those."""
    wanted = {value: value.lower().encode() for value in values}
    hits: dict[str, list[str]] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes().lower()
            if named := [value for value, word in wanted.items() if word in held]:
                hits[str(path.relative_to(folder))] = named
    return hits


def words_of(server: RedisServer, keys: Keys) -> set[str]:
    """The first words of all keys that are there."""
    return {
        name.decode().removeprefix(f"{keys.prefix}:").partition(":")[0]
        for name in server.client.scan_iter(f"{keys.prefix}:*", count=1000)
    }
