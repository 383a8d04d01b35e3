"""`hookrouter resume`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.cli.opening import open_cli
from hookrouter.desk import Desk


@click.command("resume", cls=Command, short_help="Let a paused sink or route go on.")
@click.argument("name", metavar="SINK|ROUTE")
def command(name: str) -> None:
    """Let a paused sink or route go on."""
    click.echo(f"{Desk(open_cli()).pauses().resume(name)} goes on")
