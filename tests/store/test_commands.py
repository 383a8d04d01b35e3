"""Commands within scripts, however many members they have."""

from __future__ import annotations

import pytest

from hookrouter.store.commands import MANY_MEMBERS, MOST_WORDS, Argument, Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

MANY = 10_000
"""Members; Lua hands on less than 8000 of them to a command."""


def run(server: RedisServer, keys: Keys, *commands: Command) -> int:
    """Run commands as one step under a lease."""
    lease = keys.lease(keys.hydrate())
    server.call("SET", lease, "drain")
    return int(server.run("fenced", [lease], ["drain", *flatten(commands)]))


def test_commands_of_thousands_of_members_do_within_a_script_what_they_do_alone(
    server: RedisServer, keys: Keys
) -> None:
    names = [f"{number}" for number in range(MANY)]
    pairs = [part for name in names for part in (name, f"is {name}")]
    stream, known, told, due = (f"{keys.prefix}:{name}" for name in ("stream", "set", "hash", "sorted"))
    entries = [f"{1 + number}-1" for number in range(MANY)]
    server.call_all([("XADD", stream, entry, "r", b"") for entry in [*entries, "99999-1"]])
    server.call("ZADD", due, *[part for name in names for part in (1, name)])
    strings = [f"{keys.prefix}:string:{name}" for name in names]
    server.call("MSET", *[part for name in strings for part in (name, "")])

    assert run(server, keys, ("SADD", known, *names), ("HSET", told, *pairs)) == 1
    assert server.call("SCARD", known) == MANY
    assert server.call("HGETALL", told) == {name.encode(): f"is {name}".encode() for name in names}

    removed = [("SREM", known), ("HDEL", told), ("ZREM", due)]
    leave: list[Command] = [(*command, *names[1:]) for command in removed]
    assert run(server, keys, *leave, ("XDEL", stream, *entries), ("DEL", *strings)) == 1
    assert (server.call("SMEMBERS", known), server.call("HGETALL", told)) == ({b"0"}, {b"0": b"is 0"})
    assert (server.call("ZRANGE", due, 0, -1), server.call("XLEN", stream)) == ([b"0"], 1)
    assert server.call("EXISTS", *strings) == 0


@pytest.mark.parametrize("name", MANY_MEMBERS)
@pytest.mark.parametrize("members", [1, MOST_WORDS - 3, MOST_WORDS - 2, MOST_WORDS - 1, MOST_WORDS, 2500])
def test_no_part_is_too_long_and_all_of_them_name_what_the_whole_named(name: str, members: int) -> None:
    before, each = MANY_MEMBERS[name]
    head = (name, "key")[:before]
    words = [f"{number}" for number in range(members * each)]

    flat, parts = flatten([(*head, *words)]), list[list[Argument]]()
    while flat:
        length = int(flat.pop(0))
        parts.append(flat[:length])
        del flat[:length]

    assert [word for part in parts for word in part[before:]] == words
    for part in parts:
        assert tuple(part[:before]) == head
        assert len(part) <= MOST_WORDS
        assert len(part[before:]) % each == 0 < len(part[before:])


def test_a_long_command_that_cannot_be_cut_is_refused_before_anything_is_written() -> None:
    with pytest.raises(KeyError):
        flatten([("SET", "written"), ("MSET", *map(str, range(MANY)))])
