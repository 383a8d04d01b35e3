"""`hookrouter check`."""

from __future__ import annotations

from collections.abc import Sized

import click

from hookrouter.cli.command import Command
from hookrouter.cli.screen import screen, show_json
from hookrouter.config.excerpt import narrowed
from hookrouter.config.findings import Finding
from hookrouter.config.load import Report
from hookrouter.config.model import Config
from hookrouter.config.settings import read_settings
from hookrouter.configuration import judge_config
from hookrouter.wire.messages.plain_text import printable

FAULTY = 2
LEAST_SHOWN = 10
"""Columns of a line that are shown at least, however narrow the terminal is."""
MOST_NAMED = 5
"""Names of fields in one sentence."""


@click.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--crm/--no-crm",
    "asks_crm",
    default=None,
    help="Ask the CRM which fields its leads have, always or never; by default only where it alone can tell.",
)
def command(as_json: bool, asks_crm: bool | None) -> int:  # noqa: FBT001 - flags of the command line
    """Validate the configuration: every fault and every doubt, each with its place. Needs neither Redis nor the CRM."""
    settings = read_settings()
    report = judge_config(settings)
    config = report.config
    if config is not None and (asks_crm or (asks_crm is None and report.unjudged and config.crm is not None)):
        # Imported late: few files need the CRM, and what speaks to it takes longer to load than a file to be checked.
        from hookrouter.cli.crm_fields import names_of  # noqa: PLC0415

        names = names_of(config)
        report = report if names is None else judge_config(settings, names)
    if as_json:
        show_json(_values(report))
    else:
        _show(report)
    return FAULTY if report.config is None else 0


def _values(report: Report) -> dict[str, object]:
    return {
        "ok": report.config is not None,
        "errors": [_place(finding) for finding in report.faults],
        "warnings": [_place(finding) for finding in report.warnings],
    }


def _place(finding: Finding) -> dict[str, object]:
    position = finding.position
    place: dict[str, object] = {
        "file": finding.file,
        "line": position.line,
        "column": position.column,
        "message": finding.message,
    }
    return {**place, "source": finding.excerpt.text if finding.excerpt else None}


def _show(report: Report) -> None:
    for finding in report.faults:
        click.echo(str(finding))
        _show_source(finding)
    for finding in report.warnings:
        click.echo(printable(f"{finding.place}: warning: {finding.message}"))
        _show_source(finding)
    found = ", ".join(
        counted for counted in (_count(report.faults, "error"), _count(report.warnings, "warning")) if counted
    )
    if report.config is None:
        click.echo(found, err=True)
    else:
        click.echo(f"ok: {_summary(report.config)}" + (f" ({found})" if found else ""))
        if report.unjudged and report.config.crm is not None:
            names = ", ".join(f"`{name}`" for name in report.unjudged[:MOST_NAMED])
            more = " and more" if len(report.unjudged) > MOST_NAMED else ""
            click.echo(f"only the CRM can tell whether its leads have {names}{more}", err=True)


def _show_source(finding: Finding) -> None:
    """The line with a mark below the column, behind its number."""
    if finding.excerpt is not None:
        number = str(finding.position.line)
        margin = f"  {' ' * len(number)} | "
        shown = narrowed(finding.excerpt, max(LEAST_SHOWN, screen().width - len(margin)))
        click.echo(f"  {number} | {shown.text}")
        click.echo(f"{margin}{' ' * shown.mark}^")


def _summary(config: Config) -> str:
    named = (
        _count(config.receiver.sources, "source"),
        _count([route for route in config.routes if not route.for_unmatched], "route"),
        _count(config.sinks, "sink") or "no sinks",
    )
    return ", ".join(named)


def _count(things: Sized, name: str) -> str:
    number = len(things)
    return "" if not number else f"{number} {name}" + ("" if number == 1 else "s")
