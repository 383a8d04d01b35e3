"""The tables of docs/routing.md, each row a route, a lead and a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hookrouter.config.yaml_text import read_yaml
from hookrouter.domain.lead import Fields, Json
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.config.duration import read_duration

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "routing.md"
VERDICT = "takes it"
UNKNOWN = "unknown"

_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: what is asked of a lead, how the lead is and was, and what comes of it.

    Attributes:
        route: the route's own keys, as YAML text within braces.
        was: the snapshot; None when there is none.
        timeline: None when nobody knows the lead's history.
        verdict: `yes`, `no` or `held`.
    """

    line: int
    title: str
    route: str
    lead: Fields
    was: Fields | None
    at: datetime
    timeline: list[dict[str, Json]] | None
    verdict: str


def rows() -> list[Row]:
    """All rows of the page."""
    return list(_rows(PAGE.read_text(encoding="utf-8").splitlines()))


def names() -> str:
    """The names of one's own that the page's rows are asked with, as a part of a configuration."""
    [block] = re.findall(
        r"^```yaml\n(conditions:\n.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    return str(block)


def _rows(lines: list[str]) -> Iterator[Row]:
    columns: list[str] = []
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip().strip("`").replace("\\|", "|") for cell in _BAR.split(line)[1:-1]]
        if not cells:
            columns = []
        elif not columns:
            columns = cells
        elif VERDICT in columns and not set(line) <= set("|- "):
            yield _row(number, dict(zip(columns, cells, strict=True)))


def _row(number: int, cells: Mapping[str, str]) -> Row:
    at = datetime.fromisoformat(cells["at"]) if cells.get("at") else RECEIVED_AT
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    asked, question = next(
        (column, cells[column]) for column in ("match", "match_timeline", "route") if column in cells
    )
    route = question if asked == "route" else f"{asked}: {_in_braces(question)}"
    was = cells.get("was", UNKNOWN)
    return Row(
        line=number,
        title=f"{number}: {question}",
        route=route,
        lead=_fields(cells.get("lead", cells.get("pushed", "firstName: Ada"))),
        was=None if was == UNKNOWN else _fields(was),
        at=at,
        timeline=_timeline(cells["history"], at) if "history" in cells else None,
        verdict=cells[VERDICT],
    )


def _in_braces(text: str) -> str:
    is_whole = text.startswith(("{", "[")) or ":" not in text
    return text if is_whole else f"{{{text}}}"


def _fields(text: str) -> Fields:
    value = read_yaml("row", _in_braces(text).encode()).value
    assert isinstance(value, dict), text
    return value


def _timeline(text: str, at: datetime) -> list[dict[str, Json]] | None:
    if text == UNKNOWN:
        return None
    events = [event.split() for event in text.split(",")]
    return [
        {"eventSource": source, "createTimestamp": f"{at - read_duration(ago):%Y-%m-%d %H:%M:%S}"}
        for source, ago in events
    ]
