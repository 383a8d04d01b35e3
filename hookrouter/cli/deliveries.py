"""`hookrouter deliveries`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import note_reveal
from hookrouter.cli.command import Group
from hookrouter.cli.lists import AS_JSON, LIMIT, REVEAL, masked, newest, say_more
from hookrouter.cli.opening import mask_of, open_cli
from hookrouter.cli.screen import show_attempts, show_json, show_rows, show_values
from hookrouter.cli.wanted import Meant, insist_on_names, meaning
from hookrouter.domain.logged_attempt import Result
from hookrouter.runtime.desk import Desk

COLUMNS = ("id", "sink", "route", "lead", "attempts", "outcome", "reason", "status", "seconds", "at")


@click.group("deliveries", cls=Group)
def command() -> None:
    """Look up deliveries: what was attempted, and where each is now."""


@command.command("list", short_help="List the attempts, the newest first.")
@meaning
@click.option("--lead", metavar="LEAD", help="Of this lead: its id, or its e-mail address if it is known by that.")
@click.option("--outcome", type=click.Choice([result.value for result in Result]), help="With this outcome.")
@LIMIT
@AS_JSON
@REVEAL
def list_deliveries(
    *, meant: Meant, lead: str | None, outcome: str | None, limit: int, as_json: bool, reveal: bool
) -> None:
    """List the attempts, the newest first, of about the last 100,000."""
    runtime = open_cli()
    wanted = meant.at(runtime.clock.now())
    deliveries = Desk(runtime).deliveries()
    page = newest(
        lambda count, after: deliveries.list(wanted, lead=lead, outcome=outcome, limit=count, after=after), limit
    )
    if not page.found:
        insist_on_names(meant, runtime.config)
    note_reveal(runtime, "deliveries list", reveal=reveal)
    rows = [masked(attempt.summary(), mask_of(runtime.config), reveal=reveal) for attempt in page.found]
    if as_json:
        show_json(rows)
        return
    if rows:
        show_rows([name.upper() for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows])
    say_more(len(rows), "attempts", more=page.end is not None)


@command.command("show", short_help="Tell one delivery's whole story.")
@click.argument("delivery", metavar="ID")
@AS_JSON
@REVEAL
def show_delivery(delivery: str, as_json: bool, reveal: bool) -> None:  # noqa: FBT001 - flags of the command line
    """Tell where one delivery is now, and every attempt to make it, the first one first."""
    runtime = open_cli()
    story = Desk(runtime).deliveries().show(delivery)
    note_reveal(runtime, f"delivery {delivery}", reveal=reveal)
    values = masked(story.whole(), mask_of(runtime.config), reveal=reveal)
    if as_json:
        show_json(values)
        return
    show_values({name: value for name, value in values.items() if name != "attempts"})
    show_attempts(values["attempts"])
