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
    help="Leads changed per second.",
)
@click.option(
    "--duration",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop after this long, with a summary; by default on Ctrl-C.",
)
def command(push_rate: float, duration: float | None) -> int:
    """Show everything at work on this machine. It uses nothing of yours: its configuration and data go when it ends."""
    return run_demo(settings=read_settings(), push_rate=push_rate, duration=duration, console=screen())
