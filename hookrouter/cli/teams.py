"""`hookrouter teams`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import note_reveal
from hookrouter.cli.command import Group
from hookrouter.cli.lists import AS_JSON, LIMIT, REVEAL, masked, say_more
from hookrouter.cli.opening import mask_of, open_cli
from hookrouter.cli.screen import screen, show_json, show_rows
from hookrouter.domain.lead import Json
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.teams import MemberStanding, TeamStanding
from hookrouter.wire.messages.plain_text import printable

TITLES = ("NAME", "OWNER", "SHARE", "TODAY", "THIS HOUR", "GIVEN", "OPEN", "NOW")
COLUMNS = ("at", "team", "lead", "name", "reason", "route")
TEAM = click.option("--team", metavar="NAME", help="Of this team alone.")


@click.group("teams", cls=Group)
def command() -> None:
    """Look at teams: who is next, what everybody has, and why leads were given to whom."""


@command.command("list", short_help="List teams with who is next, and what each member has.")
@TEAM
@AS_JSON
def list_teams(team: str | None, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """List teams with who is next, and of each member the leads of today, of this hour, in all, and the open ones."""
    standings = Desk(open_cli()).teams().list(team)
    if as_json:
        show_json([standing.as_json() for standing in standings])
        return
    for number, standing in enumerate(standings):
        if number:
            click.echo()
        _show(standing)
    say_more(len(standings), "teams", more=False)


@command.command("decisions", short_help="List who was given which lead, and why.")
@TEAM
@click.option("--lead", metavar="LEAD", help="Of this lead: its id, or its e-mail address if it is known by that.")
@LIMIT
@AS_JSON
@REVEAL
def list_decisions(team: str | None, lead: str | None, limit: int, as_json: bool, reveal: bool) -> None:  # noqa: FBT001 - flags of the command line
    """List whom leads were given to and why, the newest first, of the last 10,000."""
    runtime = open_cli()
    found = Desk(runtime).teams().decisions(team, lead, limit=limit)
    note_reveal(runtime, "teams decisions", reveal=reveal)
    rows = [masked(decision.summary(), mask_of(runtime.config), reveal=reveal) for decision in found.found]
    if as_json:
        show_json(rows)
        return
    if rows:
        show_rows([name.upper() for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows])
    say_more(len(rows), "decisions", more=found.end is not None)


def _show(standing: TeamStanding) -> None:
    screen().print(printable(f"{standing.team.name}: {standing.next.reason}"), style="bold", highlight=False)
    show_rows(TITLES, [_row(member) for member in standing.members])


def _row(standing: MemberStanding) -> list[Json]:
    member = standing.member
    now = "next" if standing.is_next else standing.why_not
    return [
        member.name,
        member.owner,
        member.share,
        standing.today,
        standing.this_hour,
        standing.given,
        standing.open,
        now,
    ]
