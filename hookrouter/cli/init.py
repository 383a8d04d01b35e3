"""`hookrouter init`."""

from __future__ import annotations

from pathlib import Path

import click

from hookrouter.cli.command import Command
from hookrouter.config.starter import write_starter


@click.command("init", cls=Command)
@click.argument("directory", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
def command(directory: Path) -> None:
    """Write a commented hookrouter.yaml into DIR (the current directory); one that is there is kept."""
    path = write_starter(directory)
    click.echo(f"{path} is written; its first lines say what to do with it")
