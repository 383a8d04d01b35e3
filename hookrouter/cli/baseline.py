"""`hookrouter baseline`."""

from __future__ import annotations

import click

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import run_until_interrupted, stopped_by_interrupt
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import chosen_source, open_cli
from hookrouter.cli.progress import leads_read
from hookrouter.cli.screen import show_json
from hookrouter.domain.audit import Act
from hookrouter.domain.baseline import BaselineTally
from hookrouter.runtime.desk import Desk


@click.command("baseline", cls=Command)
@click.option("--source", metavar="NAME", help="Whose leads they are, when there are several sources.")
@click.option("--from-start", is_flag=True, help="Begin with the first lead, even if an earlier run was interrupted.")
@AS_JSON
def command(*, source: str | None, from_start: bool, as_json: bool) -> None:
    """Read all leads from the CRM, so that the first pushes are judged by what really changed.

    Run it once before the CRM begins to push. It is safe to repeat and to run while pushes come in: what a push brought
    is never overwritten by anything older, and leads that changed within the last ten minutes are left to their pushes.
    Nothing is routed or sent. Ctrl-C breaks it off between two pages; the same command goes on where it ended.
    """
    runtime = open_cli()
    chosen = chosen_source(runtime, source)
    with deed(runtime, Act.BASELINE, chosen) as result:
        with stopped_by_interrupt(runtime), leads_read() as shown:
            lay = Desk(runtime).lay_baseline(chosen, lambda tally: shown(tally.read), from_start=from_start)
            tally = run_until_interrupted(lay)
        result.say(f"{tally.read} leads read")
    if as_json:
        show_json(tally.as_json())
    else:
        click.echo(_in_words(tally))
    if not tally.is_whole:
        raise click.Abort


def _in_words(tally: BaselineTally) -> str:
    told = f"{tally.read} leads read: {tally.new} new, {tally.newer} newer than their snapshots, {tally.known} known"
    more = [
        (tally.recent, "{} changed just now and left to their pushes"),
        (tally.unreadable, "{} that no push could bring"),
    ]
    told += "".join(f", {text.format(count)}" for count, text in more if count)
    return told if tally.is_whole else f"{told}; broken off: the same command goes on with the next"
