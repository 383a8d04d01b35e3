"""`hookrouter up`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.config.model import Durability
from hookrouter.config.settings import read_settings
from hookrouter.configuration import read_config
from hookrouter.supervise.up import run_up

FSYNC_AT = {Durability.MEMORY: "no", Durability.EVERYSEC: "everysec", Durability.FSYNC: "always"}
"""When the embedded server's writes reach the disk, by what the configuration promises the sender."""


@click.command("up", cls=Command)
def command() -> int:
    """Run receiver, worker and scheduler on this machine.

    Without HOOKROUTER_REDIS_URL (or REDIS_URL) an embedded server keeps everything in HOOKROUTER_DATA_DIR. Ctrl-C
    stops all of it.
    """
    settings = read_settings()
    durability = read_config(settings).receiver.durability  # faults are told once, before anything is started
    return run_up(settings=settings, appendfsync=FSYNC_AT[durability], report=lambda line: click.echo(line, err=True))
