"""`hookrouter forget`."""

from __future__ import annotations

import click
from rich.status import Status

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import screen, show_json, show_rows
from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.forgetting import SAID_OF, Erased, Files, Place
from hookrouter.domain.ids import SourceName
from hookrouter.runtime.desk import Desk

A_LEAD = "a lead"
"""What the audit log says of whom: it is kept longer than anything that names them."""
AGAIN = "what was under way may have come back: run the same command again in a minute"
IN_FILES = (
    "left: the server's append-only file and dump hold it until they are written anew, which this user may not have "
    "done: run BGREWRITEAOF and BGSAVE as one who may, or this again once it may (ACL: +bgrewriteaof +bgsave)"
)


@click.command("forget", cls=Command, short_help="Erase a person from everything stored.")
@click.argument("lead", metavar="LEAD")
@click.option("--source", metavar="NAME", help="Only the lead of this source; needed for an id if there are several.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; nothing can be undone.")
@AS_JSON
def command(*, lead: str, source: str | None, yes: bool, as_json: bool) -> int:
    """Erase everything that is stored of a lead, known by its id or e-mail address.

    Without --yes it shows what it would erase, and asks; with --json it only shows. A lead that is pushed again later
    is a new lead.
    """
    runtime = open_cli()
    forget = Desk(runtime).forget()
    of = None if source is None else SourceName(source)
    if not yes:
        with _seen_to():
            found = forget.look(lead, of)
        _show(found, as_json=as_json)
        if as_json or not found.total:
            return 0
        _insist(found)
    with deed(runtime, Act.FORGET, A_LEAD) as result, _seen_to():
        erased = forget.erase(lead, of)
        result.say(f"{_records(erased.total)} erased from {len(erased.by_place())} places")
    if as_json:
        show_json(erased.summary())
    else:
        click.echo(f"erased {_records(erased.total)}")
        _show(erased, as_json=False)
        _say_rest(erased)
    return 0 if erased.is_whole else 1


def _seen_to() -> Status:
    """What is shown on a terminal meanwhile: a large store takes a minute."""
    return screen(stderr=True).status("going through all that is stored")


def _insist(found: Erased) -> None:
    try:
        agreed = click.confirm(f"Erase {_records(found.total)} for good?", err=True)
    except click.Abort:  # nobody is there to answer, or Ctrl-C
        agreed = False
    if not agreed:
        raise HookrouterError("nothing is erased; --yes erases without asking")


def _show(found: Erased, *, as_json: bool) -> None:
    if as_json:
        show_json(found.summary())
        return
    if found.ids:
        click.echo(f"the lead's ids: {', '.join(found.ids)}")
    if found.total:
        rows = [(count, SAID_OF[Place(place)]) for place, count in found.by_place().items()]
        show_rows(("RECORDS", "OF WHAT"), [(str(count), what) for count, what in rows])
    else:
        click.echo("nothing is stored of such a lead", err=True)
    for left in sorted(found.left):
        click.echo(f"left: {left}", err=True)


def _say_rest(erased: Erased) -> None:
    if erased.files is Files.NOT_PERMITTED:
        click.echo(IN_FILES, err=True)
    elif erased.files is not Files.NONE:
        click.echo(f"the files of Redis: {erased.files}")
    for stream in sorted(erased.under_way):
        click.echo(f"left: {stream} was being worked on all the while", err=True)
    if erased.under_way:
        click.echo(AGAIN, err=True)


def _records(count: int) -> str:
    return f"{count} record" + ("" if count == 1 else "s")
