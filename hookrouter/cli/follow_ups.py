"""`hookrouter follow-ups`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import note_reveal
from hookrouter.cli.command import Group
from hookrouter.cli.lists import AS_JSON, LIMIT, REVEAL, masked
from hookrouter.cli.opening import mask_of, open_cli
from hookrouter.cli.screen import show_json, show_rows
from hookrouter.cli.wanted import Meant, insist_on_names
from hookrouter.domain.followed_up import FollowedUp
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Json
from hookrouter.runtime.desk import Desk

COLUMNS = ("LEAD", "ROUTE", "SINCE", "NEXT", "DUE", "TO")


@click.group("follow-ups", cls=Group)
def command() -> None:
    """Look up the leads that nobody has reacted to yet, and who is reminded of them when."""


@command.command("list", short_help="List the leads whose clocks run, those due first at the top.")
@click.option("--route", metavar="NAME", type=RouteName, help="Of this route.")
@click.option("--lead", metavar="LEAD", help="Of this lead: its id, or its e-mail address if it is known by that.")
@LIMIT
@AS_JSON
@REVEAL
def list_follow_ups(*, route: RouteName | None, lead: str | None, limit: int, as_json: bool, reveal: bool) -> None:
    """List the leads whose clocks run, with the next step of each and when it is due."""
    runtime = open_cli()
    page = Desk(runtime).follow_ups().list(route=route, lead=lead, limit=limit)
    if not page.found:
        insist_on_names(Meant(sink=None, route=route, since=None, until=None), runtime.config)
    note_reveal(runtime, "follow-ups list", reveal=reveal)
    rows = [masked(each.summary(), mask_of(runtime.config), reveal=reveal) for each in page.found]
    if as_json:
        show_json(rows)
        return
    if rows:
        show_rows(COLUMNS, [_row(row, each) for row, each in zip(rows, page.found, strict=True)])
    else:
        click.echo("nobody is waited for", err=True)
    if page.end is not None:
        click.echo(f"the first {len(rows)}; --limit shows more", err=True)


def _row(row: dict[str, Json], followed: FollowedUp) -> list[Json]:
    clock, step = followed.clock, followed.next_step
    since = f"{clock.began:%Y-%m-%d %H:%M:%S} UTC"
    if step is None:
        return [row["lead"], clock.route, since, "none: it ends", None, None]
    due = "never" if step.due is None else f"{step.due:%Y-%m-%d %H:%M:%S} UTC"
    return [row["lead"], clock.route, since, step.name, due, ", ".join(step.to)]
