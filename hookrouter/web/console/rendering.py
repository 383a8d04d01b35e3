"""The templates, and what they know besides their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import urlencode

import gevent
import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from hookrouter.domain.lead import Json
from hookrouter.domain.reconciling import BY_PUSH, BY_RECONCILE
from hookrouter.web.console.assets import asset
from hookrouter.web.console.commands import in_console
from hookrouter.wire.messages.plain_text import printable

NOTHING = "\N{EN DASH}"
"""Where there is no value."""


PIECES = 64
"""Of a page that is being made, or values on it, after which others have their turn."""
_SHOWN = count()


def stream(template: str, values: Mapping[str, object]) -> Iterator[str]:
    """The same piece by piece, as its values come."""
    return _environment().get_template(template).generate(**values)


def render(template: str, values: Mapping[str, object]) -> str:
    """A template with values, each escaped."""
    return "".join(_with_pauses(_environment().get_template(template).generate(**values)))


def _with_pauses(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces of a page; while a long one is made, pushes are taken."""
    for number, piece in enumerate(pieces, start=1):
        if number % PIECES == 0:
            gevent.sleep(0)
        yield piece


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("hookrouter.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=asset, address=address)
    made.tests.update(push_name=is_push_name)
    made.filters.update(
        moment=moment, iso=iso, plain=_plain_in_turn, thousands=thousands, ago=ago, in_console=in_console
    )
    return made


def address(path: str, query: Mapping[str, str] | None = None, **changed: object) -> str:
    """A path with a query, some of it said otherwise; what is empty is left out."""
    merged = {**(dict(query) if query else {}), **changed}
    wanted = {name: str(value) for name, value in merged.items() if value not in {None, ""} and name != "told"}
    return path + (f"?{urlencode(wanted)}" if wanted else "")


def is_push_name(name: str) -> bool:
    """Whether it names a push that may be kept, as what reconcile found is, too; reports and alerts come with none."""
    return name.startswith((BY_PUSH, BY_RECONCILE))


def moment(at: datetime | str | None) -> str:
    """A moment as people read it."""
    if not at:
        return NOTHING
    made = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{made.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def iso(at: datetime | str | None) -> str:
    """A moment as programs read it."""
    return "" if not at else at if isinstance(at, str) else at.isoformat()


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago it was, in one unit."""
    if at is None:
        return NOTHING
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def _plain_in_turn(value: Any) -> str:
    """As `plain` does; hundreds of fields of a lead are one piece of a page: in it others have their turn, too."""
    if next(_SHOWN) % PIECES == 0:
        gevent.sleep(0)
    return plain(value)


def plain(value: Any) -> str:
    """A value as a person reads it, without anything that turns text around."""
    match value:
        case None | "":
            return NOTHING
        case str():
            return printable(value)
        case bool():
            return "yes" if value else "no"
        case dict() | list() | tuple():
            return (
                printable(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()) if value else NOTHING
            )
        case _:
            return str(value)


def thousands(number: Json) -> str:
    """A number with its thousands apart."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if isinstance(number, int) else NOTHING
