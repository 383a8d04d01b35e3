"""`hookrouter retry`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.opening import open_cli
from hookrouter.domain.audit import Act
from hookrouter.runtime.desk import Desk


@click.command("retry", cls=Command, short_help="Try a sink now rather than later.")
@click.argument("sink")
def command(sink: str) -> None:
    """Try a sink now rather than later.

    For one that is well again: its circuit waits no longer, and what waits for its next attempt is due. Where it is not
    well after all, it is left alone for as long as before.
    """
    runtime = open_cli()
    with deed(runtime, Act.RETRY, f"sink:{sink.removeprefix('sink:')}") as result:
        said = Desk(runtime).pauses().retry(sink)
        result.say(said)
    click.echo(said)
