"""`hookrouter pause`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.moments import ahead, read_moment
from hookrouter.cli.opening import open_cli
from hookrouter.cli.operator import BY, REASON, whoever
from hookrouter.domain.audit import Act
from hookrouter.runtime.desk import Desk
from hookrouter.wire.moments import Said


@click.command("pause", cls=Command, short_help="Hold the deliveries of a sink or a route.")
@click.argument("name", metavar="SINK|ROUTE")
@click.option(
    "--until",
    type=read_moment,
    metavar="TIME",
    help="Until a moment, or for a while, such as 2h; by default until resumed.",
)
@REASON
@BY
def command(name: str, until: Said | None, reason: str, by: str | None) -> None:
    """Hold the deliveries of a sink or a route; they wait, and nothing is lost."""
    runtime = open_cli()
    end = None if until is None else ahead(until, runtime.clock.now())
    with deed(runtime, Act.PAUSE, name, by=by):
        whole = Desk(runtime).pauses().pause(name, by=by or whoever(), reason=reason, until=end)
    click.echo(f"{whole} is paused{'' if end is None else f' until {end:%Y-%m-%d %H:%M:%S} UTC'}")
