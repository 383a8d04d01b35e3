"""Puts what was measured into a page: each table in the place of the one of its title, each promise in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

TITLE, ROW = "### ", "|"
PROMISES = "### Promises"
HEAD_ROWS = 2

Tables = dict[str, list[str]]


def put_tables(page: str, report: str) -> str:
    """The page with the tables of the report; those whose title it has not stand before the promises."""
    kept, measured = tables_of(page), tables_of(report)
    if PROMISES in measured and PROMISES in kept:
        measured[PROMISES] = _with_rows(kept[PROMISES], measured[PROMISES])
    lines: list[str] = []
    title, is_put = "", False
    for line in page.splitlines():
        if line.startswith("#"):
            title, is_put = line, False
            if line == PROMISES:
                lines += _sections({name: table for name, table in measured.items() if name not in kept})
        if title not in measured or not line.startswith(ROW):
            lines.append(line)
        elif not is_put:
            lines += measured[title]
            is_put = True
    return "\n".join(lines) + "\n"


def tables_of(text: str) -> Tables:
    """The rows below each title."""
    found: Tables = {}
    title = ""
    for line in text.splitlines():
        if line.startswith("#"):
            title = line
        elif line.startswith(ROW) and title.startswith(TITLE):
            found.setdefault(title, []).append(line)
    return found


def _with_rows(kept: Sequence[str], measured: Sequence[str]) -> list[str]:
    """The rows that were kept, those that were measured again in their places, new ones below."""
    new = {_name(row): row for row in measured[HEAD_ROWS:]}
    rows = [new.pop(_name(row), row) for row in kept]
    return [*rows, *new.values()]


def _name(row: str) -> str:
    return row.split(ROW)[1].strip()


def _sections(tables: Mapping[str, Sequence[str]]) -> list[str]:
    return [line for title, table in tables.items() for line in (title, "", *table, "")]
