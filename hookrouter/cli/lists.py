"""What the commands that list have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import click

from hookrouter.domain.lead import Json
from hookrouter.domain.personal import Mask
from hookrouter.domain.personal import masked as without_personal
from hookrouter.ports.desk import Page

T = TypeVar("T")

MOST = 100_000

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
LIMIT = click.option(
    "--limit", type=click.IntRange(1, MOST), default=50, show_default=True, metavar="N", help="Show at most this many."
)
REVEAL = click.option("--reveal", is_flag=True, help="Show e-mail addresses and telephone numbers as they are.")


def masked(values: dict[str, Json], mask: Mask, *, reveal: bool) -> dict[str, Json]:
    """The values without what is personal, unless that is wanted."""
    return values if reveal else without_personal(values, mask)


def newest(look: Callable[[int, str | None], Page[T]], limit: int) -> Page[T]:
    """A page of so many, for which one looks as often and as far back as it takes."""
    page = look(limit, None)
    found = [*page.found]
    while page.looked_back_to is not None and len(found) < limit:
        page = look(limit - len(found), page.end)
        found += page.found
    return replace(page, found=found)


def say_more(shown: int, things: str, *, more: bool) -> None:
    """Say that there is nothing, or that there is more."""
    if not shown:
        click.echo(f"no {things}", err=True)
    elif more:
        click.echo(f"the newest {shown}; --limit shows more", err=True)
