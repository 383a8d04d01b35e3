"""What is held of every page of the console: seen by an eye, read by a screen reader, on a phone, in the dark."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
PICTURES = Path(__file__).parents[2] / "docs" / "images" / "console"
DRAWS = "DRAW_CONSOLE" in os.environ
"""`DRAW_CONSOLE=1 pytest checks/browser` draws the documentation's pictures anew."""
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}


@dataclass(slots=True)
class Asked:
    """Whom a page asked."""

    hosts: set[str] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))


def sign_in(page: Page, url: str, token: str) -> None:
    """Sign in by the form."""
    page.goto(f"{url}/console/")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def insist_on_access(page: Page) -> None:
    """axe-core finds nothing serious, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # playwright's own words
        found = serious(page)
        assert found == [], f"{scheme}: {found}"
    page.emulate_media(color_scheme="light")


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds that keeps somebody out, with where."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        (each["id"], node["html"][:200])
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def insist_on_phone(page: Page) -> None:
    """On a phone nothing has to be moved sideways but what scrolls by itself."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a dictionary of numbers
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
    assert width <= PHONE["width"]


def draw(page: Page, name: str) -> None:
    """Draw a page for the documentation, when that is wanted."""
    if DRAWS:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
        page.screenshot(path=PICTURES / f"{name}.png")
