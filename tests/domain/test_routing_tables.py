"""What docs/routing.md shows of every question is what the rules answer."""

from collections.abc import Mapping

import pytest
from routing_tables import Row, names, rows

from hookrouter.config.load import load_config
from hookrouter.domain.case import Case
from hookrouter.domain.change import compare
from hookrouter.domain.hours import hours_of
from hookrouter.domain.ids import LeadKey, RouteName, SourceName
from hookrouter.domain.lead import Lead
from hookrouter.domain.routing import Route, RouteTable
from hookrouter.sinks.registry import load_sink_types

ROWS = rows()
CONFIGURATION = """
version: 1
receiver: {sources: {crm: {token: row-of-a-table-0123}, forms: {token: row-of-a-table-4567}}}
crm: {account_id: a, secret_key: b, url: "https://crm.example.com/"}
sinks: {out: {type: stdout}}
"""


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Route]:
    """The route of each row, by its line."""
    written = [f"  - {{name: row-{row.line}, {row.route}, to: [out]}}" for row in ROWS]
    file = tmp_path_factory.mktemp("rows") / "hookrouter.yaml"
    file.write_text("\n".join([CONFIGURATION, names(), "routes:", *written]), encoding="utf-8")
    schemas = {name: kind.schema for name, kind in load_sink_types().items()}
    read = load_config(file, {}, schemas).routes
    return {row.line: route for row, route in zip(ROWS, read, strict=True)}


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_a_row_of_the_page(row: Row, routes: Mapping[int, Route]) -> None:
    table = RouteTable((routes[row.line],))
    change = compare(Lead(key=LeadKey("718281920514"), fields=row.lead), row.was)
    case = Case(change=change, source=SourceName("crm"), at=row.at, timeline=row.timeline)

    taken = bool(table.matching(case))
    is_held = taken and not hours_of(table.routes).is_open(RouteName(f"row-{row.line}"), row.at)

    assert ("held" if is_held else "yes" if taken else "no") == row.verdict, table.verdicts(case)[0].failed
    assert table.verdicts(case)[0].matched is taken


def test_the_page_shows_every_question_by_all_its_answers() -> None:
    assert len(ROWS) >= 250
    assert {row.verdict for row in ROWS} == {"yes", "no", "held"}
