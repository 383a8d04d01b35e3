"""`hookrouter rejected`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hookrouter.cli.audited import deed, note_reveal
from hookrouter.cli.command import Group
from hookrouter.cli.lists import AS_JSON, LIMIT, REVEAL, masked, newest, say_more
from hookrouter.cli.opening import mask_of, open_cli
from hookrouter.cli.screen import faults, show_json, show_rows, show_values
from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError
from hookrouter.ports.desk import ALL_REJECTIONS
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk


@click.group("rejected", cls=Group)
def command() -> None:
    """Look at leads that could not be routed, with their faults."""


@command.command("list")
@LIMIT
@AS_JSON
@REVEAL
def list_rejected(limit: int, as_json: bool, reveal: bool) -> None:  # noqa: FBT001 - flags of the command line
    """List the rejected leads, the newest first."""
    runtime = open_cli()
    rejected = Desk(runtime).rejected()
    page = newest(lambda count, after: rejected.list(limit=count, after=after), limit)
    note_reveal(runtime, "rejected list", reveal=reveal)
    rows = [masked(rejection.summary(), mask_of(runtime.config), reveal=reveal) for rejection in page.found]
    if as_json:
        show_json(rows)
        return
    errors = [faults(rejection.errors) for rejection in page.found]
    show_rows(
        ("ID", "SOURCE", "AT", "ERRORS"),
        [(row["id"], row["source"], row["at"], error) for row, error in zip(rows, errors, strict=True)],
    )
    say_more(len(rows), "rejected leads", more=page.end is not None)


@command.command("show", short_help="Show one rejected lead.")
@click.argument("rejection", metavar="ID")
@AS_JSON
@REVEAL
def show_rejected(rejection: str, as_json: bool, reveal: bool) -> None:  # noqa: FBT001 - flags of the command line
    """Show one rejected lead as it came, its e-mail addresses and telephone numbers masked."""
    runtime = open_cli()
    kept = Desk(runtime).rejected().show(rejection)
    note_reveal(runtime, f"rejected {rejection}", reveal=reveal)
    values = masked(kept.whole(), mask_of(runtime.config), reveal=reveal)
    (show_json if as_json else show_values)(values)


@command.command("replay", short_help="Send a rejected lead on, mended.")
@click.argument("rejection", metavar="ID")
@click.option("--set", "repairs", multiple=True, metavar="FIELD=VALUE", help="Set a field; may be given several times.")
def replay_rejected(rejection: str, repairs: tuple[str, ...]) -> None:
    """Route a rejected lead as if it came now, with some of its fields set anew."""
    runtime, mended = open_cli(), dict(map(_repair, repairs))
    with deed(runtime, Act.REPLAY_REJECTED, rejection) as result:
        receipt = Desk(runtime).rejected().replay(rejection, mended)
        result.say(f"push {receipt.push}" + (f", set anew: {', '.join(mended)}" if mended else ""))
    click.echo(f"{rejection} goes on as push {receipt.push}")


@command.command("drop", short_help="Forget rejected leads for good.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "takes_all", is_flag=True, help="All of them.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; nothing can be undone.")
def drop_rejected(ids: tuple[str, ...], takes_all: bool, yes: bool) -> int:  # noqa: FBT001 - flags of the command line
    """Forget rejected leads for good: those that are named, or all."""
    if bool(ids) == takes_all:
        raise click.UsageError("say which: their ids, or --all")
    runtime = open_cli()
    if not yes and not _agrees("all rejected leads" if takes_all else _leads(len(ids))):
        raise HookrouterError("nothing is dropped; --yes drops without asking")
    with deed(runtime, Act.DROP_REJECTED, "all" if takes_all else ", ".join(ids)) as result:
        dropped, gone = _drop_all(runtime) if takes_all else _drop(runtime, ids)
        result.say(f"{_leads(dropped)} dropped")
    click.echo(f"{_leads(dropped)} dropped")
    if gone:
        click.echo(f"not among the rejected leads: {', '.join(gone)}", err=True)
    return 1 if gone else 0


def _drop(runtime: Runtime, ids: Sequence[str]) -> tuple[int, Sequence[str]]:
    tried = Desk(runtime).rejected().drop(ids)
    return len(tried.done), tried.gone


def _drop_all(runtime: Runtime) -> tuple[int, Sequence[str]]:
    """Drop all there are, some at a time; whoever drops the same meanwhile is not told."""
    dropped, after = 0, None
    while True:
        step = Desk(runtime).rejected().drop_some(ALL_REJECTIONS, after=after)
        dropped, after = dropped + len(step.tended.done), step.end
        if after is None:
            return dropped, ()


def _agrees(to: str) -> bool:
    try:
        return click.confirm(f"Forget {to} for good?", err=True)
    except click.Abort:  # nobody is there to answer, or Ctrl-C
        return False


def _leads(count: int) -> str:
    return f"{count} rejected lead" + ("" if count == 1 else "s")


def _repair(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals or not field:
        raise click.BadParameter(f"{text!r} is no FIELD=VALUE", param_hint="--set")
    return field, value
