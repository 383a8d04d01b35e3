"""`hookrouter pause`."""

from __future__ import annotations

import getpass

import click

from hookrouter.cli.command import Command
from hookrouter.cli.moments import Said, ahead, read_moment
from hookrouter.cli.opening import open_cli
from hookrouter.desk import Desk


@click.command("pause", cls=Command, short_help="Hold the deliveries of a sink or a route.")
@click.argument("name", metavar="SINK|ROUTE")
@click.option(
    "--until",
    type=read_moment,
    metavar="TIME",
    help="Until a moment, or for a while, such as 2h; until resumed, if not said.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; shown with the pause.")
@click.option("--by", default=None, metavar="NAME", help="Who pauses it; you, if not said.")
def command(name: str, until: Said | None, reason: str, by: str | None) -> None:
    """Hold the deliveries of a sink or a route; they wait, and nothing is lost."""
    runtime = open_cli()
    end = None if until is None else ahead(until, runtime.clock.now())
    whole = Desk(runtime).pauses().pause(name, by=by or _user(), reason=reason, until=end)
    click.echo(f"{whole} is paused{'' if end is None else f' until {end:%Y-%m-%d %H:%M:%S} UTC'}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "an operator"
