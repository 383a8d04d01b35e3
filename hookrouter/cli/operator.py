"""Who does something, and why: the options of what is shown with both."""

from __future__ import annotations

import getpass

import click

REASON = click.option("--reason", default="", metavar="TEXT", help="Why; shown to everybody who looks.")
BY = click.option("--by", default=None, metavar="NAME", help="Who does it; you, if not said.")


def whoever() -> str:
    """Who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "an operator"
