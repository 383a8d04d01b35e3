"""`hookrouter report`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import click

from hookrouter.cli.command import Command
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import show_json
from hookrouter.domain.figures import KEPT
from hookrouter.domain.weekly import DAY, WEEK, Span
from hookrouter.wire.kept.report import report_values
from hookrouter.wire.messages.report_html import html
from hookrouter.wire.messages.report_text import plain

_WEEK = re.compile(r"([0-9]{4})-?W([0-9]{2})")
PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Leads</title></head><body>{}</body></html>\n'


def _day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day, such as 2026-11-16") from None


@click.command("report", cls=Command)
@click.option("--since", callback=_day, metavar="DAY", help="From this day to today, such as 2026-11-16.")
@click.option("--week", metavar="WEEK", help="Of a whole week, Monday to Sunday: 2026-W47, or `last`.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a page instead.")
@AS_JSON
def command(*, since: date | None, week: str | None, page: Path | None, as_json: bool) -> None:
    """Show what became of the leads: of the last seven days with today, unless said otherwise.

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
    """The days that are meant, none of them yet to come nor forgotten."""
    if since is not None and week is not None:
        raise click.UsageError("--since and --week exclude each other")
    span = Span(first=since or today - WEEK + DAY, last=today) if week is None else _of_week(week, today)
    if span.first > today:
        raise click.UsageError("these days are yet to come")
    if span.first <= today - KEPT:
        raise click.UsageError(f"figures are kept for {KEPT.days} days: since {today - KEPT + DAY} at the earliest")
    return span


def _of_week(text: str, today: date) -> Span:
    monday = today - timedelta(days=today.weekday())
    if text == "last":
        return Span(first=monday - WEEK, last=monday - DAY)
    written = _WEEK.fullmatch(text)
    try:
        first = date.fromisocalendar(int(written[1]), int(written[2]), 1) if written else None
    except ValueError:
        first = None
    if first is None:
        raise click.UsageError(f"{text!r} is no week, such as 2026-W47, or `last`")
    return Span(first=first, last=min(first + WEEK - DAY, max(today, first)))
