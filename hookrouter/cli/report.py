"""`hookrouter report`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from hookrouter.cli.command import Command
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import show_json
from hookrouter.domain.figures import KEPT
from hookrouter.domain.weekly import DAY, Span, span_said
from hookrouter.wire.kept.report import report_values
from hookrouter.wire.messages.report_html import html
from hookrouter.wire.messages.report_text import plain

PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Leads</title></head><body>{}</body></html>\n'


def _day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day, such as 2026-11-16") from None


@click.command("report", cls=Command)
@click.option("--since", callback=_day, metavar="DAY", help="From this day to today, such as 2026-11-16.")
@click.option("--week", metavar="WEEK", help="Of a whole week, Monday to Sunday: 2026-W47, or `last`.")
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file as a page instead."
)
@AS_JSON
def command(*, since: date | None, week: str | None, page: Path | None, as_json: bool) -> None:
    """Show what became of the leads, by default those of the last seven days, today included.

    The same report goes out once a week where the configuration says `report: {to: [manager], every: mon 08:00}`.
    """
    if page is not None and as_json:
        raise click.UsageError("--html and --json exclude each other")
    runtime = open_cli()
    today = runtime.days.of(runtime.clock.now())
    report = runtime.make_report().of(_span(since, week, today), kept_since=today - KEPT + DAY)
    if page is not None:
        _write(page, PAGE.format(html(report)))
    elif as_json:
        show_json(report_values(report))
    else:
        click.echo(plain(report), nl=False)


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise click.BadParameter(f"{page} cannot be written: {fault.strerror}", param_hint="'--html'") from fault
    click.echo(f"written to {page}", err=True)


def _span(since: date | None, week: str | None, today: date) -> Span:
    """The days that are meant."""
    if since is not None and week is not None:
        raise click.UsageError("--since and --week exclude each other")
    try:
        return span_said(since, week, today, kept=KEPT)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
