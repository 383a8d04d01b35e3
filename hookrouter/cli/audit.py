"""`hookrouter audit`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.cli.lists import AS_JSON, LIMIT, say_more
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import show_json, show_rows
from hookrouter.runtime.desk import Desk

COLUMNS = ("at", "by", "door", "address", "act", "of", "result")


@click.command("audit", cls=Command, short_help="List what operators did, the newest first.")
@click.option("--act", metavar="ACT", help="Of this kind, such as 'replay dead'.")
@click.option("--by", metavar="NAME", help="By whose name has this in it.")
@LIMIT
@AS_JSON
def command(*, act: str | None, by: str | None, limit: int, as_json: bool) -> None:
    """List what operators did by the console, the API and the command line, the newest first."""
    page = Desk(open_cli()).audit().list(limit=limit, act=act, by=by)
    rows = [deed.summary() for deed in page.found]
    if as_json:
        show_json(rows)
        return
    if rows:
        show_rows([name.upper() for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows])
    say_more(len(rows), "deeds", more=page.end is not None)
