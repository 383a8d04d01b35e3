"""The console's foot, which leads to pages beside it."""

from __future__ import annotations

from collections.abc import Callable

from console_support import ADMIN, Shown, Visitor

LINKS = "Grafana=https://grafana.example.com/d/x; <b>Run book</b>=http://wiki/"


def beside(text: str) -> list[str | None]:
    shown = Shown(text)
    return [link["href"] for link in shown.all("a") if link.get("rel") == "noreferrer"]


def test_the_foot_leads_to_the_pages_that_were_named(open_console: Callable[..., Visitor]) -> None:
    visitor = open_console(links=LINKS)

    page = visitor.get("/console/flow").text

    assert beside(page) == ["https://grafana.example.com/d/x", "http://wiki/"]
    assert "&lt;b&gt;Run book&lt;/b&gt;" in page


def test_who_is_not_signed_in_learns_of_no_page_beside(open_console: Callable[..., Visitor]) -> None:
    visitor = open_console(admin=ADMIN, links=LINKS)

    assert "grafana" not in visitor.get("/console/sign-in").text


def test_there_is_no_foot_where_nothing_was_named(visitor: Visitor) -> None:
    assert "<footer" not in visitor.get("/console/flow").text
