"""`hookrouter resume`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.opening import open_cli
from hookrouter.domain.audit import Act
from hookrouter.runtime.desk import Desk


@click.command("resume", cls=Command, short_help="Let a paused sink or route go on.")
@click.argument("name", metavar="SINK|ROUTE")
def command(name: str) -> None:
    """Let a paused sink or route go on."""
    runtime = open_cli()
    with deed(runtime, Act.RESUME, name):
        whole = Desk(runtime).pauses().resume(name)
    click.echo(f"{whole} goes on")
