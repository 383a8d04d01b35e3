"""`hookrouter scheduler`."""

from __future__ import annotations

import click

from hookrouter.cli.becoming import become
from hookrouter.cli.command import Command


@click.command("scheduler", cls=Command)
def command() -> None:
    """Run the scheduler: wake the workers for what is due."""
    become("workers", "scheduler")
