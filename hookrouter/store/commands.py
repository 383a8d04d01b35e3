"""Commands and scripts as both connections to Redis take them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

Argument = str | bytes | int | float
Command = tuple[Argument, ...]

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
)


def read_scripts() -> dict[str, str]:
    """The text of each script in `store/scripts`, by its name."""
    folder = resources.files("hookrouter.store") / "scripts"
    return {name: (folder / f"{name}.lua").read_text("utf-8") for name in SCRIPTS}


def flatten(commands: Sequence[Command]) -> list[Argument]:
    """Commands as a script's arguments: each preceded by its length."""
    flat: list[Argument] = []
    for command in commands:
        flat.append(len(command))
        flat.extend(command)
    return flat
