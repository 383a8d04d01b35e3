"""`hookrouter schema`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.configuration import schema_text


@click.command("schema", cls=Command)
def command() -> None:
    """Print the JSON Schema of the configuration, by which editors complete and check it."""
    click.echo(schema_text(), nl=False)
