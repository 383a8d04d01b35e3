"""The demo's page as a person sees it who tries hookrouter for the first time."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from stack_support import PATIENCE, eventually

SAID = re.compile(r"Watch the leads at (\S+) ")


@pytest.fixture
def console(tmp_path: Path) -> Iterator[str]:
    """The one address that a running demo prints."""
    said = tmp_path / "said"
    with said.open("wb") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "hookrouter", "demo"], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        yield eventually(lambda: SAID.search(said.read_text()), f"the demo runs; see {said}")[1]
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE)


@pytest.mark.timeout(200)
def test_what_a_person_changes_in_the_crm_shows_among_what_arrives(console: str, page: Page) -> None:
    page.goto(console)
    crms = page.get_by_role("link", name="The simulated CRM").get_attribute("href")
    page.get_by_role("link", name="What arrives").click()
    for figure in ("pushed", "routed", "slack", "mail", "http", "p50"):
        expect(page.locator(f"[data-figure={figure}]")).to_have_text(re.compile("[1-9]"))
    expect(page.locator("#slack li:not(.empty)")).not_to_have_count(0)

    crm = page.context.new_page()
    crm.goto(crms or "")
    crm.locator("#rows button").first.click()
    dialog = crm.get_by_role("dialog")
    dialog.get_by_label("companyName").fill("Looms of <Ulm>")
    dialog.get_by_role("button", name="Save").click()

    expect(dialog).not_to_be_visible()
    expect(page.locator("#http li", has_text="Looms of <Ulm>").first).to_be_attached()
    page.get_by_role("button", name="Pause the lists").click()
    expect(page.get_by_role("button", pressed=True)).to_be_visible()


def test_the_console_of_the_demo_is_open_and_shows_that_leads_flow(console: str, page: Page) -> None:
    page.goto(console)
    page.get_by_role("link", name="What arrives").click()
    expect(page.locator("#slack li:not(.empty)")).not_to_have_count(0)
    page.goto(console)

    expect(page.get_by_role("heading", level=1)).to_have_text("Flow")
    page.get_by_role("link", name="Deliveries").click()
    expect(page.locator("table.rows tbody tr").first).to_be_visible()
