"""`hookrouter pushes`."""

from __future__ import annotations

import sys

import click

from hookrouter.cli.audited import deed, note_reveal
from hookrouter.cli.command import Group
from hookrouter.cli.lists import AS_JSON, LIMIT, REVEAL, masked, newest, say_more
from hookrouter.cli.moments import read_moment, span
from hookrouter.cli.opening import chosen_source, mask_of, open_cli
from hookrouter.cli.screen import show_json, show_rows, show_values
from hookrouter.domain.audit import Act
from hookrouter.ports.desk import Came, WantedPushes
from hookrouter.runtime.desk import Desk
from hookrouter.wire.moments import Said

COLUMNS = ("id", "source", "at", "bytes", "leads", "accepted", "rejected", "refused")


@click.group("pushes", cls=Group)
def command() -> None:
    """Look at pushes as they came."""


@command.command("list")
@click.option("--source", metavar="NAME", help="Of this source.")
@click.option("--came", type=click.Choice([came.value for came in Came]), help="With this result.")
@click.option("--since", metavar="TIME", type=read_moment, help="From a moment on, or not longer ago than, say, 2h.")
@click.option("--until", metavar="TIME", type=read_moment, help="Before a moment, or longer ago than, say, 2h.")
@LIMIT
@AS_JSON
def list_pushes(
    *, source: str | None, came: str | None, since: Said | None, until: Said | None, limit: int, as_json: bool
) -> None:
    """List the pushes, the newest first."""
    runtime = open_cli()
    first, behind = span(since, until, runtime.clock.now())
    wanted = WantedPushes(
        source=None if source is None else chosen_source(runtime, source),
        came=None if came is None else Came(came),
        since=first,
        until=behind,
    )
    pushes = Desk(runtime).pushes()
    page = newest(lambda count, after: pushes.list(wanted, limit=count, after=after), limit)
    rows = [push.summary() for push in page.found]
    if as_json:
        show_json(rows)
        return
    if rows:
        show_rows([name.upper() for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows])
    say_more(len(rows), "pushes", more=page.end is not None)


@command.command("show", short_help="Show one push; its body by --raw.")
@click.argument("push", metavar="ID")
@click.option("--raw", is_flag=True, help="Write the body alone, byte for byte, including all personal data in it.")
@AS_JSON
@REVEAL
def show_push(push: str, raw: bool, as_json: bool, reveal: bool) -> None:  # noqa: FBT001 - flags of the command line
    """Show what came of one push, and its headers."""
    runtime = open_cli()
    kept = Desk(runtime).pushes().show(push)
    note_reveal(runtime, f"push {push}", reveal=reveal or raw)
    if raw:
        sys.stdout.buffer.write(kept.push.body)
        return
    values = masked(kept.whole(), mask_of(runtime.config), reveal=reveal)
    (show_json if as_json else show_values)(values)


@command.command("replay", short_help="Take a refused push again.")
@click.argument("push", metavar="ID")
def replay_push(push: str) -> None:
    """Take a push that was refused, as if it came now: another version may be able to read it."""
    runtime = open_cli()
    with deed(runtime, Act.REPLAY_PUSH, push):
        receipt = Desk(runtime).pushes().replay(push)
    click.echo(f"{push}: {receipt.leads} leads, {receipt.accepted} accepted, {receipt.rejected} rejected")
