"""Pages in a real Chromium that complain of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from console_pages import Asked, sign_in
from console_stack import ADMIN, Stack, console_stack
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect

ANSWERED = "Failed to load resource: the server responded"
PATIENCE = 30_000  # milliseconds; nothing here is to be quick, and machines are busy
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page as a person opens it who was never there; how it looked at the end is in the test's folder.

    The test fails when a script did, when something was refused by a policy of the page or could not be loaded.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(ANSWERED):
            complaints.append(message.text)

    def miss(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by leaving the page, or closing it
            complaints.append(f"{request.url}: {request.failure}")

    def judge(answer: Response) -> None:
        if answer.status >= 400 and answer.request.resource_type != "fetch":  # what a script asks for it may be refused
            complaints.append(f"{answer.url}: {answer.status}")

    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        made = context.new_page()
        made.on("pageerror", lambda fault: complaints.append(str(fault)))
        made.on("console", hear)
        made.on("requestfailed", miss)
        made.on("response", judge)
        yield made
        made.screenshot(path=tmp_path / "page.png", full_page=True)
    assert complaints == []


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of hookrouter with something in it, one for all checks of the console."""
    with console_stack(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture
def console(stack: Stack, page: Page) -> Iterator[Page]:
    """A page that is signed in, and asks nobody else."""
    asked = Asked()
    asked.listen(page)
    sign_in(page, stack.url, ADMIN)
    yield page
    assert asked.hosts == {"localhost"}
