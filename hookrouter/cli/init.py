"""`hookrouter init`."""

from __future__ import annotations

from pathlib import Path

import click

from hookrouter.cli.command import Command
from hookrouter.config.starter import write_schema, write_starter
from hookrouter.configuration import schema_text


@click.command("init", cls=Command)
@click.argument("directory", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
def command(directory: Path) -> None:
    """Write a commented hookrouter.yaml and its schema into DIR (the current directory); one that is there is kept."""
    path = write_starter(directory)
    click.echo(f"{path} is written; its first lines say what to do with it")
    schema = write_schema(directory, schema_text())
    click.echo(f"{schema} is written, by which editors complete and check it")
