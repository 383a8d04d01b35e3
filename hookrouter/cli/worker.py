"""`hookrouter worker`."""

from __future__ import annotations

import click

from hookrouter.cli.becoming import become
from hookrouter.cli.command import Command


@click.command("worker", cls=Command)
def command() -> None:
    """Run a worker: route, enrich and deliver what waits."""
    become("workers", "worker")
