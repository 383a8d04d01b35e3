"""`hookrouter serve`."""

from __future__ import annotations

import click

from hookrouter.cli.becoming import become
from hookrouter.cli.command import Command


@click.command("serve", cls=Command)
def command() -> None:
    """Run the receiver: gunicorn on HOST and PORT, with WEB_CONCURRENCY processes."""
    become("hookrouter.web")
