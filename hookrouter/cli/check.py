"""`hookrouter check`."""

from __future__ import annotations

from collections.abc import Sized

import click

from hookrouter.cli.command import Command
from hookrouter.cli.screen import show_json
from hookrouter.config.findings import Finding
from hookrouter.config.load import Report
from hookrouter.config.model import Config
from hookrouter.config.settings import read_settings
from hookrouter.configuration import judge_config

FAULTY = 2


@click.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:  # noqa: FBT001 - a flag of the command line
    """Validate the configuration: every fault and every doubt, each with its place. Needs neither Redis nor the CRM."""
    report = judge_config(read_settings())
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
    return {"file": finding.file, "line": position.line, "column": position.column, "message": finding.message}


def _show(report: Report) -> None:
    for finding in report.faults:
        click.echo(str(finding))
    for finding in report.warnings:
        where = f"{finding.file}:{finding.position.line}:{finding.position.column}"
        click.echo(f"{where}: warning: {finding.message}")
    found = ", ".join(
        counted for counted in (_count(report.faults, "error"), _count(report.warnings, "warning")) if counted
    )
    if report.config is None:
        click.echo(found, err=True)
    else:
        click.echo(f"ok: {_summary(report.config)}" + (f" ({found})" if found else ""))


def _summary(config: Config) -> str:
    named = (
        _count(config.receiver.sources, "source"),
        _count(config.routes, "route"),
        _count(config.sinks, "sink") or "no sinks",
    )
    return ", ".join(named)


def _count(things: Sized, name: str) -> str:
    number = len(things)
    return "" if not number else f"{number} {name}" + ("" if number == 1 else "s")
