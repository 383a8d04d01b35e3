"""Commands and scripts as both connections to Redis take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources

Argument = str | bytes | int | float
Command = tuple[Argument, ...]

MOST_WORDS = 1000
"""Of one command of a script. Lua hands on less than 8000: then it fails, and what was written before it stays."""
MANY_MEMBERS: Mapping[Argument, tuple[int, int]] = {
    "DEL": (1, 1),
    "HDEL": (2, 1),
    "HSET": (2, 2),
    "SADD": (2, 1),
    "SREM": (2, 1),
    "XDEL": (2, 1),
    "ZREM": (2, 1),
}
"""Commands of as many members as one likes: how many words stand before these, and how many each of them has."""

SCRIPTS = (
    "accept",
    "alive",
    "baseline",
    "beat",
    "claim",
    "clock",
    "crm_turn",
    "exchange",
    "fenced",
    "layout",
    "move",
    "move_waiting",
    "permit",
    "promote",
    "refuse",
    "relayout",
    "release",
    "renew",
    "replay",
    "retry_now",
    "rewrite",
    "rounds",
    "settle",
    "turns",
    "unchanged",
    "vacate",
)


def read_scripts() -> dict[str, str]:
    """The text of each script in `store/scripts`, by its name."""
    folder = resources.files("hookrouter.store") / "scripts"
    return {name: (folder / f"{name}.lua").read_text("utf-8") for name in SCRIPTS}


def flatten(commands: Sequence[Command]) -> list[Argument]:
    """Commands as a script's arguments: each preceded by its length, and one that is too long in several parts."""
    flat: list[Argument] = []
    for command in commands:
        for part in (command,) if len(command) <= MOST_WORDS else _parts(command):
            flat.append(len(part))
            flat.extend(part)
    return flat


def _parts(command: Command) -> Iterator[Command]:
    """The same in one step; a command that is not made for many members is a fault of who wrote it."""
    before, each = MANY_MEMBERS[command[0]]
    words = (MOST_WORDS - before) // each * each
    for at in range(before, len(command), words):
        yield (*command[:before], *command[at : at + words])
