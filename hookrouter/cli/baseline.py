"""`hookrouter baseline`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import stopped_by_interrupt
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import screen, show_json
from hookrouter.desk import Desk
from hookrouter.domain.baseline import BaselineTally
from hookrouter.domain.errors import ConfigurationError, NotFound
from hookrouter.domain.ids import SourceName
from hookrouter.runtime import Runtime
from hookrouter.usecases.baseline import Tell


@click.command("baseline", cls=Command)
@click.option("--source", metavar="NAME", help="Whose leads they are, when there are several sources.")
@click.option("--from-start", is_flag=True, help="Begin with the first lead, also where a run was broken off.")
@AS_JSON
def command(*, source: str | None, from_start: bool, as_json: bool) -> None:
    """Read all leads from the CRM, so that the first pushes are judged by what really changed.

    Run it once before the CRM begins to push. It is safe to repeat and to run while pushes come in: what a push brought
    is never overwritten by anything older, and leads that changed within the last ten minutes are left to their pushes.
    Nothing is routed or sent. Ctrl-C breaks it off between two pages; the same command goes on where it ended.
    """
    runtime = open_cli()
    chosen = _source(runtime, source)
    with stopped_by_interrupt(runtime), _progress() as tell:
        tally = asyncio.run(Desk(runtime).lay_baseline(chosen, tell, from_start=from_start))
    if as_json:
        show_json(tally.as_json())
    else:
        click.echo(_in_words(tally))
    if not tally.is_whole:
        raise click.Abort


def _source(runtime: Runtime, name: str | None) -> SourceName:
    sources = runtime.config.receiver.sources
    names = ", ".join(sorted(sources))
    if name is None and len(sources) > 1:
        raise ConfigurationError(f"there are several sources: say --source with one of {names}")
    chosen = next(iter(sources)) if name is None else SourceName(name)
    if chosen not in sources:
        raise NotFound(f"there is no source {chosen}; the configuration has {names}")
    return chosen


@contextmanager
def _progress() -> Iterator[Tell]:
    """What shows on a terminal how many leads were read; how many there are the CRM does not say."""
    console = screen(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} leads read"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=None)
        yield lambda tally: shown.update(task, completed=tally.read)


def _in_words(tally: BaselineTally) -> str:
    told = f"{tally.read} leads read: {tally.new} new, {tally.newer} newer than their snapshots, {tally.known} known"
    more = [
        (tally.recent, "{} changed just now and left to their pushes"),
        (tally.unreadable, "{} that no push could bring"),
    ]
    told += "".join(f", {text.format(count)}" for count, text in more if count)
    return told if tally.is_whole else f"{told}; broken off: the same command goes on with the next"
