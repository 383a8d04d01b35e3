"""What commands print: JSON for programs, tables for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hookrouter.domain.lead import Json
from hookrouter.wire.messages.plain_text import printable

UNBOUNDED = 10_000
"""Columns when nobody looks: a line that a program reads is never broken."""

NARROWEST = 20
"""Columns that a text gets at least, however deep it stands."""

OF_AN_ATTEMPT = ("at", "seconds", "outcome", "reason", "status", "answer")


def screen(*, stderr: bool = False) -> Console:
    """Where people read; plain, and as wide as need be, when it is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else UNBOUNDED
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


def show_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def show_line(margin: str, text: Text) -> None:
    """Print a text behind a margin, also where it needs several lines."""
    console = screen()
    if not console.is_terminal:  # rich would take ten times as long, and a file may have a million lines
        click.echo("\n".join(f"{margin}{line}".rstrip() for line in text.plain.split("\n")))
        return
    width = max(NARROWEST, console.width - len(margin))
    for line in text.wrap(console, width):
        line.rstrip()
        console.print(Text.assemble(margin, line), soft_wrap=True)


def show_rows(titles: Sequence[str], rows: Sequence[Sequence[Json]]) -> None:
    """Print a table; where it would have to break words, a block a row."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, *cells in zip(titles, *rows, strict=True):
        # rich narrows the widest column first, also below its longest word: those that have but words are held.
        table.add_column(title, no_wrap=not any(" " in plain(cell) for cell in cells), overflow="fold")
    for row in rows:
        table.add_row(*(plain(value) for value in row))
    console = screen()
    if console.measure(table, options=console.options.update_width(UNBOUNDED)).minimum <= console.width:
        console.print(table)
    else:
        _show_blocks(titles, rows)


def _show_blocks(titles: Sequence[str], rows: Sequence[Sequence[Json]]) -> None:
    for number, row in enumerate(rows):
        if number:
            click.echo()
        show_values({title.lower(): value for title, value in zip(titles, row, strict=True)})


def show_values(values: Mapping[str, Json]) -> None:
    """Print names with their values, one a line, nested ones indented."""
    console = screen()
    for name, value in values.items():
        if isinstance(value, dict) and value:
            console.print(Text(f"{name}:", style="bold"))
            for inner, content in value.items():
                console.print(Text.assemble((f"  {printable(inner)}: ", "bold"), _indented(content)))
        else:
            console.print(Text.assemble((f"{name}: ", "bold"), _indented(value)))


def _indented(value: Json) -> str:
    """A value whose further lines cannot be taken for names with other values."""
    return plain(value).replace("\n", "\n    ")


def show_attempts(attempts: Json) -> None:
    """Print the attempts of a delivery, the first one first."""
    rows = [attempt for attempt in attempts if isinstance(attempt, dict)] if isinstance(attempts, list) else []
    if rows:
        click.echo()
        show_rows([name.upper() for name in OF_AN_ATTEMPT], [[row[name] for name in OF_AN_ATTEMPT] for row in rows])


def faults(errors: Mapping[str, str]) -> str:
    """What is wrong with a lead, field by field, in one line."""
    return printable("; ".join(f"{field}: {error}" for field, error in errors.items()))


def plain(value: Json) -> str:
    """A value as a person reads it, without anything that would command a terminal."""
    match value:
        case None | "":
            return "-"
        case str():
            return printable(value)
        case dict() | list():
            return printable(orjson.dumps(value).decode()) if value else "-"
        case _:
            return str(value)
