"""`hookrouter up`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.config.settings import read_settings
from hookrouter.runtime import read_config
from hookrouter.supervise.up import run_up


@click.command("up", cls=Command)
def command() -> int:
    """Run receiver, worker and scheduler on this machine.

    Without HOOKROUTER_REDIS_URL (or REDIS_URL) an embedded server keeps everything in HOOKROUTER_DATA_DIR. Ctrl-C
    stops all of it.
    """
    settings = read_settings()
    read_config(settings)  # its faults are told once, before anything is started
    return run_up(settings=settings, report=lambda line: click.echo(line, err=True))
