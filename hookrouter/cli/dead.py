"""`hookrouter dead`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import note_reveal
from hookrouter.cli.command import Group
from hookrouter.cli.dead_again import drop_dead, replay_dead
from hookrouter.cli.lists import AS_JSON, LIMIT, REVEAL, masked, newest, say_more
from hookrouter.cli.opening import mask_of, open_cli
from hookrouter.cli.screen import show_attempts, show_json, show_rows, show_values
from hookrouter.cli.wanted import Meant, insist_on_names, meaning
from hookrouter.runtime.desk import Desk

COLUMNS = ("id", "sink", "route", "lead", "reason", "status", "attempts", "last_at")


@click.group("dead", cls=Group)
def command() -> None:
    """Look after dead letters: deliveries that were given up."""


@command.command("list", short_help="List the dead letters, the newest first.")
@meaning
@LIMIT
@AS_JSON
@REVEAL
def list_dead(*, meant: Meant, limit: int, as_json: bool, reveal: bool) -> None:
    """List the dead letters, the newest first; a span of time is that of their deaths."""
    runtime = open_cli()
    letters, wanted = Desk(runtime).dead_letters(), meant.at(runtime.clock.now())
    page = newest(lambda count, after: letters.list(wanted, limit=count, after=after), limit)
    note_reveal(runtime, "dead list", reveal=reveal)
    if not page.found:
        insist_on_names(meant, runtime.config)
    rows = [masked(letter.summary(), mask_of(runtime.config), reveal=reveal) for letter in page.found]
    if as_json:
        show_json(rows)
        return
    if rows:
        show_rows([name.upper() for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows])
    say_more(len(rows), "dead letters", more=page.end is not None)


@command.command("show", short_help="Show one dead letter with its lead and every attempt.")
@click.argument("delivery", metavar="ID")
@AS_JSON
@REVEAL
def show_dead(delivery: str, as_json: bool, reveal: bool) -> None:  # noqa: FBT001 - flags of the command line
    """Show one dead letter with its lead and every attempt, e-mail addresses and telephone numbers masked."""
    runtime = open_cli()
    letter = Desk(runtime).dead_letters().show(delivery)
    note_reveal(runtime, f"dead {delivery}", reveal=reveal)
    values = masked(letter.whole(), mask_of(runtime.config), reveal=reveal)
    if as_json:
        show_json(values)
        return
    show_values({name: value for name, value in values.items() if name != "tries"})
    show_attempts(values["tries"])


command.add_command(replay_dead)
command.add_command(drop_dead)
