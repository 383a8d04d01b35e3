"""`hookrouter demo`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.cli.screen import screen
from hookrouter.config.settings import read_settings
from hookrouter.demo.run import run_demo

PUSH_RATE = 5.0


@click.command("demo", cls=Command)
@click.option(
    "--push-rate",
    type=click.FloatRange(min=0, min_open=True, max=5000),
    default=PUSH_RATE,
    show_default=True,
    metavar="N",
    help="Leads changed a second.",
)
@click.option(
    "--duration",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="End after so long, with a summary; without it, on Ctrl-C.",
)
def command(push_rate: float, duration: float | None) -> int:
    """Show it all on this machine, with nothing of yours: its configuration and data are its own and go with it."""
    return run_demo(settings=read_settings(), push_rate=push_rate, duration=duration, console=screen())
