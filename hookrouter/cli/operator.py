"""The options that say who does something, and why."""

from __future__ import annotations

import getpass

import click

from hookrouter.wire.messages.plain_text import one_line


def _said(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    """What is said, in a line: it stands in the log, in tables, and in what watchers show."""
    return None if text is None else one_line(text)


REASON = click.option("--reason", default="", callback=_said, metavar="TEXT", help="Why; shown to everybody who looks.")
BY = click.option("--by", default=None, callback=_said, metavar="NAME", help="Who does it; by default you.")


def whoever() -> str:
    """Who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "an operator"
