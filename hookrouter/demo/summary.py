"""Prints the demo's numbers on a terminal."""

from __future__ import annotations

from rich.table import Table

from hookrouter.demo.arrivals import Kind
from hookrouter.demo.figures import Figures

TARGETS = {Kind.SLACK: "to Slack", Kind.MAIL: "to mail", Kind.HTTP: "to the HTTP API"}


def summary_table(figures: Figures, *, title: str) -> Table:
    """All of them, one a row."""
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    for name, value in _rows(figures):
        table.add_row(name, value)
    return table


def progress_line(figures: Figures) -> str:
    """The most telling ones, on one line."""
    delivered = ", ".join(f"{count} {TARGETS[kind]}" for kind, count in figures.delivered.items())
    return f"{figures.pushed} leads pushed, {figures.routed} routed, {delivered}, {figures.waiting} waiting"


def _rows(figures: Figures) -> list[tuple[str, str]]:
    return [
        ("pushes", str(figures.pushes)),
        ("leads pushed", str(figures.pushed)),
        ("leads routed", str(figures.routed)),
        *((f"delivered {TARGETS[kind]}", str(count)) for kind, count in figures.delivered.items()),
        ("waiting", str(figures.waiting)),
        ("duplicates", str(figures.repeated)),
        ("refused by a stand-in", str(figures.refused)),
        ("dead letters", str(figures.dead)),
        ("push to arrival, p50 / p95", f"{_seconds(figures.p50)} / {_seconds(figures.p95)}"),
    ]


def _seconds(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
