"""`hookrouter pause`."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

import click

from hookrouter.cli.command import Command
from hookrouter.cli.opening import open_cli
from hookrouter.desk import Desk
from hookrouter.wire.duration import read_duration


@click.command("pause", cls=Command, short_help="Hold the deliveries of a sink or a route.")
@click.argument("name", metavar="SINK|ROUTE")
@click.option("--until", metavar="TIME", help="Until a moment, or for a while, such as 2h; until resumed, if not said.")
@click.option("--reason", default="", metavar="TEXT", help="Why; shown with the pause.")
@click.option("--by", default=None, metavar="NAME", help="Who pauses it; you, if not said.")
def command(name: str, until: str | None, reason: str, by: str | None) -> None:
    """Hold the deliveries of a sink or a route; they wait, and nothing is lost."""
    runtime = open_cli()
    end = None if until is None else _moment(until, runtime.clock.now())
    whole = Desk(runtime).pauses().pause(name, by=by or _user(), reason=reason, until=end)
    click.echo(f"{whole} is paused{'' if end is None else f' until {end:%Y-%m-%d %H:%M:%S} UTC'}")


def _moment(text: str, now: datetime) -> datetime:
    try:
        return now + read_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither a duration such as 2h nor a time such as 2026-11-25T08:00", param_hint="--until"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now:
        raise click.BadParameter("this moment is over", param_hint="--until")
    return moment.astimezone(UTC)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "an operator"
