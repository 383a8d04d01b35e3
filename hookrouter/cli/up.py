"""`hookrouter up`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.config.settings import read_settings
from hookrouter.configuration import read_config
from hookrouter.domain.durability import Durability
from hookrouter.domain.errors import ConfigurationError
from hookrouter.runtime import open_runtime
from hookrouter.supervise.up import run_up

FSYNC_AT = {Durability.MEMORY: "no", Durability.EVERYSEC: "everysec", Durability.FSYNC: "always"}
"""When the embedded server's writes reach the disk, by what the configuration promises the sender."""
NO_REPLICAS = "durability is replicated, but the embedded server has no replica: set HOOKROUTER_REDIS_URL"


@click.command("up", cls=Command)
def command() -> int:
    """Run receiver, worker and scheduler on this machine.

    Without HOOKROUTER_REDIS_URL (or REDIS_URL) an embedded server keeps everything in HOOKROUTER_DATA_DIR. Ctrl-C
    stops all of it.
    """
    settings = read_settings()
    durability = read_config(settings).receiver.durability  # faults are told once, before anything is started
    if settings.redis_url is not None:
        open_runtime(settings, role="cli", quiet=True).preflight.refuse_unfit()
    elif durability not in FSYNC_AT:
        raise ConfigurationError(NO_REPLICAS)
    flushes = FSYNC_AT.get(durability, "always")
    return run_up(settings=settings, appendfsync=flushes, report=lambda line: click.echo(line, err=True))
