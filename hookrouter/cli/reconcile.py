"""`hookrouter reconcile`."""

from __future__ import annotations

from datetime import timedelta

import click

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import run_until_interrupted, stopped_by_interrupt
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.moments import behind, read_moment
from hookrouter.cli.opening import chosen_source, open_cli
from hookrouter.cli.progress import leads_read
from hookrouter.cli.screen import show_json
from hookrouter.domain.audit import Act
from hookrouter.domain.reconciling import ReconcileTally
from hookrouter.runtime.desk import Desk
from hookrouter.wire.config.duration import write_duration
from hookrouter.wire.moments import Said


@click.command("reconcile", cls=Command)
@click.option(
    "--since", type=read_moment, metavar="TIME", help="Look at what changed since a moment, or within, say, 2h."
)
@click.option("--source", metavar="NAME", help="Whose pushes the CRM sends, when there are several sources.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Show what no push brought, and fetch nothing.")
@AS_JSON
def command(*, since: Said | None, source: str | None, is_dry: bool, as_json: bool) -> None:
    """Ask the CRM what changed, and fetch what no push brought.

    Without --since it continues where the last run ended. What it fetches takes the same routes as a push, marked
    `via: reconcile`. What a push has already brought is not routed again, and what changed within the last minute is
    left to its push. Workers do the same by themselves if the configuration says `crm.reconcile`.
    """
    runtime = open_cli()
    configured = runtime.reconciled
    chosen = chosen_source(runtime, source or configured)
    start = behind(since, runtime.clock.now())

    def reconcile() -> ReconcileTally:
        with stopped_by_interrupt(runtime), leads_read() as shown:
            return run_until_interrupted(
                Desk(runtime).reconcile(chosen, lambda tally: shown(tally.changes), since=start, is_dry=is_dry)
            )

    if is_dry:
        tally = reconcile()
    else:
        with deed(runtime, Act.RECONCILE, chosen) as result:
            tally = reconcile()
            result.say(f"{tally.missed} leads brought")
    if as_json:
        show_json({**tally.as_json(), "dry_run": is_dry})
    else:
        click.echo(_in_words(tally, is_dry=is_dry))
    if not tally.is_whole:
        raise click.Abort


def _in_words(tally: ReconcileTally, *, is_dry: bool) -> str:
    now = "would be brought now" if is_dry else "brought now"
    parts = [(tally.brought, f"{tally.brought} brought before"), (tally.missed, f"{tally.missed} {now}")]
    ends = ", ".join(text for count, text in parts if count)
    missed = f"no push brought {tally.missed + tally.brought} of them" + (f" ({ends})" if ends else "")
    told = f"{tally.changes} leads changed since {tally.since:%Y-%m-%d %H:%M:%S} UTC: {missed}"
    more = [
        (tally.recent, f"{tally.recent} changed just now and are left to their pushes"),
        (tally.unreadable, f"{tally.unreadable} that no push could bring"),
    ]
    told += "".join(f"; {text}" for count, text in more if count)
    if tally.lag is not None:
        told += f"; half of the pushes came within {write_duration(timedelta(seconds=round(tally.lag)))}"
    return told if tally.is_whole else f"{told}; broken off: the same command goes on with the rest"
