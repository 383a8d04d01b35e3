"""Whether leads flow, what the rules do, and the CRM: seen in a real browser in front of all of hookrouter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from console_pages import Asked, draw, insist_on_access, insist_on_phone, sign_in
from console_stack import ADMIN, CHANNEL, FIRST_ID, READER, SCRIPT, Stack, console_stack
from playwright.sync_api import Browser, Page, expect
from stack_support import eventually, subscribed

from hookrouter.config.settings import read_settings
from hookrouter.domain.flow_history import Minute
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.supervise.embedded import running_url
from hookrouter.testing.crm import simulated_crm
from hookrouter.wire.kept.flow import write_minute

HOURS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Flowing:
    """A console, and the parts of what it shows."""

    stack: Stack
    runtime: Runtime

    def push(self, *numbers: int) -> None:
        """Push leads that a route takes."""
        leads = [
            {"id": str(FIRST_ID + number), "leadStatus": "customer", "leadScore": 9, "firstName": f"Lead{number}"}
            for number in numbers
        ]
        self.stack.push(leads)


@pytest.fixture(scope="module")
def flowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flowing]:
    folder = tmp_path_factory.mktemp("flowing")
    with console_stack(folder) as stack:
        runtime = _runtime(folder)
        _remember_hours(runtime)
        yield Flowing(stack=stack, runtime=runtime)
        runtime.server.client.close()


def _runtime(folder: Path) -> Runtime:
    said = {"HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"), "HOOKROUTER_DATA_DIR": str(folder / "data")}
    settings = read_settings(said)
    return open_runtime(replace(settings, redis_url=running_url(settings.data_dir)), role="cli", quiet=True)


def _remember_hours(runtime: Runtime) -> None:
    """Let there be some hours of history behind what is sampled from now on, with a gap in which nobody looked."""
    now = runtime.clock.now()
    for ago in range(2, HOURS * 60 + 5):
        if 200 < ago < 225:
            continue
        burst = 40 if 90 < ago < 110 else 0
        leads = 8 + (ago * 7) % 5 + burst
        minute = Minute(
            at=now - timedelta(minutes=ago),
            seconds=60,
            leads=leads,
            delivered=leads + (ago * 3) % 4,
            dead=int(ago % 97 == 0),
            waiting=burst * 3,
        )
        runtime.server.call("RPUSH", runtime.keys.flow_minutes(), write_minute(minute))


@pytest.fixture
def console(flowing: Flowing, page: Page) -> Iterator[Page]:
    asked = Asked()
    asked.listen(page)
    sign_in(page, flowing.stack.url, ADMIN)
    yield page
    assert asked.hosts == {"localhost"}


@pytest.mark.timeout(200)
def test_the_picture_follows_the_leads_without_being_loaded_anew(flowing: Flowing, console: Page) -> None:
    console.goto(f"{flowing.stack.url}/console/flow")
    expect(console.locator("#headline")).to_be_visible()
    console.evaluate("window.isTheSamePage = true")
    route = console.get_by_role("row", name="new-customer")
    expect(route.get_by_role("link", name="pause route new-customer")).to_be_visible()
    flowing.push(*range(300, 317))

    expect(route.locator("[data-label=Took]")).to_contain_text("17")
    expect(console.locator("#headline")).to_have_text("Leads flow, but not to billing")
    expect(console.locator(".picture .box", has_text="new-customer").locator(".says")).to_have_text("flows")
    assert console.evaluate("window.isTheSamePage")
    insist_on_access(console)
    insist_on_phone(console)


def test_the_course_of_hours_is_a_chart_and_a_table(flowing: Flowing, console: Page) -> None:
    console.goto(f"{flowing.stack.url}/console/flow")
    expect(console.locator("#course canvas")).to_be_visible()
    draw(console, "flow")
    console.get_by_text("By the hour, as a table").click()
    expect(console.locator("#course ~ details tbody tr")).not_to_have_count(0)
    insist_on_access(console)
    console.get_by_role("heading", name="The last 6 hours").scroll_into_view_if_needed()
    draw(console, "flow-course")
    console.get_by_role("link", name="24 h").click()
    expect(console.get_by_role("heading", name="The last 24 hours")).to_be_visible()
    expect(console.locator("#course canvas")).to_be_visible()
    console.locator("#course").scroll_into_view_if_needed()
    insist_on_access(console)


def test_it_is_read_without_scripts(flowing: Flowing, console: Page) -> None:
    browser = console.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, flowing.stack.url, READER)
        page.goto(f"{flowing.stack.url}/console/flow")
        expect(page.locator("#headline")).to_be_visible()
        expect(page.locator(".picture svg .box").first).to_be_visible()
        expect(page.locator("#course svg .leads")).to_be_visible()
        expect(page.get_by_role("link", name="pause sink")).to_have_count(0)


def test_it_says_when_nothing_comes_any_more(flowing: Flowing, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, flowing.stack.url, READER)
        page.goto(f"{flowing.stack.url}/console/flow")
        page.route("**/console/flow/live", lambda asked: asked.abort())

        expect(page.get_by_text("No answer since then")).to_be_visible()
        expect(page.locator("#headline")).to_have_text("hookrouter does not answer")
        expect(page).to_have_title("hookrouter does not answer · hookrouter")

        page.unroute("**/console/flow/live")
        expect(page.locator("#headline")).not_to_have_text("hookrouter does not answer")
        expect(page).not_to_have_title("hookrouter does not answer · hookrouter")
        away = "<h1>Redis does not answer in time</h1><p role='alert'>See that Redis runs.</p>"
        page.route("**/console/flow/live", lambda asked: asked.fulfill(status=503, body=away))
        expect(page.locator("#headline")).to_have_text("Redis does not answer in time")
        expect(page.locator(".headline")).to_contain_text("See that Redis runs.")
        page.get_by_role("link", name="Hold it still").click()
        expect(page.get_by_text("Held still at")).to_be_visible()
        expect(page.locator("[hx-trigger]")).to_have_count(0)


def test_a_sink_is_paused_and_let_go_on(flowing: Flowing, console: Page) -> None:
    console.goto(f"{flowing.stack.url}/console/flow?still=1")
    console.get_by_role("link", name="pause sink manager").click()
    insist_on_access(console)
    insist_on_phone(console)
    console.get_by_label("Why").fill("their desk moves")
    console.get_by_role("button", name="Pause it").click()

    expect(console.get_by_role("status").filter(has_text="sink:manager is paused")).to_be_visible()
    expect(console.get_by_text("their desk moves").first).to_be_visible()
    console.goto(f"{flowing.stack.url}/console/flow?still=1")
    insist_on_access(console)
    draw(console, "flow-paused")
    console.get_by_role("link", name="resume sink manager").click()
    console.get_by_role("button", name="Let it go on").click()
    expect(console.get_by_role("status").filter(has_text="sink:manager goes on")).to_be_visible()


def test_a_lead_is_tried_by_the_rules_in_force(flowing: Flowing, console: Page) -> None:
    console.goto(f"{flowing.stack.url}/console/rules")
    expect(console.get_by_role("region", name="hookrouter.yaml")).to_contain_text("leadScore: {gte: 80}")
    draw(console, "rules")
    console.get_by_role("link", name="hot-lead").click()
    console.get_by_role("link", name="Try a lead by them").click()
    lead = {"id": "1", "leadScore": 91, "leadStatus": "qualified", "firstName": SCRIPT, "companyName": CHANNEL}
    console.get_by_label("The lead, as JSON").fill(json.dumps(lead, indent=1))
    console.get_by_label("As it was before").fill(json.dumps({**lead, "leadScore": 12}, indent=1))
    console.get_by_role("button", name="See what would happen").click()

    expect(console.get_by_role("heading", name="Lead 1 is updated")).to_be_visible()
    expect(console.get_by_text("1 of 4 routes take it, 2 messages would be made.")).to_be_visible()
    expect(console.get_by_label("Message for billing")).to_contain_text(SCRIPT)
    insist_on_access(console)
    insist_on_phone(console)
    console.get_by_role("heading", name="Lead 1 is updated").scroll_into_view_if_needed()
    draw(console, "rules-try")


@pytest.mark.timeout(200)
def test_what_is_known_of_the_crm_shows(page: Page, tmp_path: Path) -> None:
    with simulated_crm(leads=30) as crm, subscribed(crm, tmp_path, ", reconcile: {every: 1m, sweep: daily}"):
        port = re.search(r"public_url: http://[\d.]+:(\d+)", (tmp_path / "hookrouter.yaml").read_text())
        assert port

        def is_reconciled() -> bool:
            page.goto(f"http://localhost:{port[1]}/console/crm")
            return page.get_by_role("columnheader", name="Came to its end").count() > 0

        eventually(is_reconciled, "the CRM was reconciled")
        expect(page.get_by_role("row", name="Asked to push")).to_contain_text("2")
        expect(page.get_by_text("the next is due")).to_be_visible()
        insist_on_access(page)
        insist_on_phone(page)
        draw(page, "crm")
