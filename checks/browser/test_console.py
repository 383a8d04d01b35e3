"""The console as an operator uses it, in a real browser in front of all of hookrouter."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from console_pages import draw, insist_on_access, insist_on_phone, sign_in
from console_stack import ADDRESS, CHANNEL, NAMED, READER, SCRIPT, Stack
from playwright.sync_api import Page, Route, expect

MORE_THAN_A_STEP = 130
"""Rejected leads."""
DRAWN = frozenset({"flow"})
"""Pages that the documentation shows, besides those that other checks open."""
PAGES = ("flow", "pushes", "deliveries", "leads", "dead", "rejected", "rules", "crm", "audit")


@pytest.mark.timeout(200)
def test_every_page_is_open_to_everybody_by_day_and_night_and_on_a_phone(stack: Stack, console: Page) -> None:
    offered = console.get_by_role("navigation", name="Pages").get_by_role("link")
    paths = [str(link.get_attribute("href")) for link in offered.all()]
    for path in paths:
        console.goto(stack.url + path)
        expect(console.get_by_role("heading", level=1)).to_be_visible()
        insist_on_access(console)
        insist_on_phone(console)
        if (name := path.rpartition("/")[2]) in DRAWN:
            draw(console, name)
    assert {path.rpartition("/")[2] for path in paths} == set(PAGES)


def test_who_reads_signs_in_sees_no_button_that_changes_something_and_signs_out(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/console/dead")
    insist_on_access(page)
    insist_on_phone(page)
    page.get_by_label("Token").fill(READER)
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(f"{stack.url}/console/dead")
    expect(page.get_by_text("(reads only)")).to_be_visible()
    expect(page.get_by_role("button", name="Replay chosen")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_lead_named_like_a_script_is_text_and_masked_until_it_is_unmasked(stack: Stack, console: Page) -> None:
    console.goto(f"{stack.url}/console/pushes")
    console.get_by_label("Lead", exact=True).fill(NAMED)
    console.get_by_role("button", name="Tell its story").click()

    expect(console.get_by_text(SCRIPT).first).to_be_attached()
    expect(console.get_by_text(CHANNEL).first).to_be_attached()
    assert ADDRESS not in console.content()
    insist_on_access(console)
    insist_on_phone(console)
    draw(console, "lead")


def test_a_dead_letter_is_mended_seen_and_sent(stack: Stack, console: Page) -> None:
    console.goto(f"{stack.url}/console/dead?sink=billing")
    row = console.locator("table.rows tbody tr").first
    beginning = row.locator("code").inner_text().removesuffix("…")
    row.get_by_role("link", name="d_").click()
    heading = console.get_by_role("heading", level=1)
    expect(heading).to_contain_text(beginning)
    name = heading.locator("code").inner_text()
    expect(console.get_by_text("mend the lead or the sink's rule, then replay.")).to_be_visible()
    insist_on_access(console)
    insist_on_phone(console)

    console.get_by_label("firstName").fill("Marta & Söhne")
    console.get_by_role("button", name="Show what would be sent").click()
    expect(console.get_by_label("Message for billing")).to_contain_text("Marta & Söhne")
    expect(console.get_by_text("Nothing is sent yet.")).to_be_visible()
    insist_on_access(console)
    draw(console, "dead-letter")
    console.get_by_role("button", name="Send it mended").first.click()

    expect(console.get_by_role("status")).to_contain_text(f"{name} replayed")


def test_personal_data_is_shown_once_on_purpose(stack: Stack, console: Page) -> None:
    console.goto(f"{stack.url}/console/dead?sink=billing")
    console.locator("table.rows tbody tr").last.get_by_role("link", name="d_").click()
    assert "@example.com" in console.content()
    before = console.content()
    console.get_by_role("button", name="Show personal data").click()

    expect(console.get_by_text("Personal data is shown on this page")).to_be_visible()
    assert console.content().count("***") < before.count("***")
    console.get_by_role("link", name="Mask it again").click()
    expect(console.get_by_role("button", name="Show personal data")).to_be_visible()


def test_all_letters_of_a_filter_are_replayed_with_progress(stack: Stack, console: Page) -> None:
    console.goto(f"{stack.url}/console/dead?sink=billing&until=0s")
    count = console.locator("table.rows tbody tr").count()
    console.on("dialog", lambda question: question.accept())
    console.get_by_role("button", name="Replay all of: sink billing").click()

    expect(console.get_by_text("That is all of them.")).to_be_visible()
    expect(console.get_by_text(f"{count} replayed")).to_be_visible()
    insist_on_access(console)


@pytest.mark.timeout(200)
def test_work_that_is_not_answered_says_so_and_goes_on_where_it_ended(stack: Stack, console: Page) -> None:
    stack.push([{"id": "718281929999"}, *({"firstName": f"Nobody {number}"} for number in range(MORE_THAN_A_STEP))])
    console.goto(f"{stack.url}/console/rejected")
    console.on("dialog", lambda question: question.accept())
    console.route("**/rejected/all", _answer_only_the_first())
    console.get_by_role("button", name="Replay all rejected leads").click()
    expect(console.get_by_role("alert")).to_contain_text("It stopped")
    insist_on_access(console)

    console.unroute("**/rejected/all")
    console.get_by_role("button", name="Go on").click()

    expect(console.get_by_text("That is all of them.")).to_be_visible()
    left = re.compile(rf"0 replayed, ({MORE_THAN_A_STEP}|{MORE_THAN_A_STEP + 1}|{MORE_THAN_A_STEP + 2}) still rejected")
    expect(console.get_by_text(left)).to_be_visible()


def _answer_only_the_first() -> Callable[[Route], None]:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.continue_()
        else:
            route.fulfill(body="<p>somebody else answers</p>", content_type="text/html")

    return answer


def test_a_rejected_lead_is_mended_and_goes_on(stack: Stack, console: Page) -> None:
    console.goto(f"{stack.url}/console/rejected")
    console.get_by_role("row", name="Choose").last.get_by_role("link").click()
    insist_on_access(console)
    insist_on_phone(console)
    console.get_by_label("Name of field 1 to add").fill("id")
    console.get_by_label("Value of field 1 to add").fill("718281920999")
    console.get_by_role("button", name="See what would become of it").click()
    expect(console.get_by_role("heading", level=1)).to_contain_text("Rejected lead")
    draw(console, "rejected-lead")


def test_keys_go_where_they_say(stack: Stack, console: Page) -> None:
    press(console, "g", "x")
    expect(console).to_have_url(f"{stack.url}/console/dead")
    press(console, "/")
    expect(console.locator("select[name=reason]")).to_be_focused()
    console.goto(f"{stack.url}/console/deliveries")
    console.keyboard.press("/")
    expect(console.get_by_label("Lead", exact=True)).to_be_focused()
    console.get_by_role("heading", level=1).click()
    press(console, "?")
    expect(console.get_by_role("dialog", name="Keys")).to_be_visible()
    insist_on_access(console)
    press(console, "Escape", "g", "a")
    expect(console).to_have_url(f"{stack.url}/console/audit")


def press(page: Page, *keys: str) -> None:
    """Press keys once the page listens, which it shows by its button."""
    page.locator("#keys-button:not([hidden])").wait_for(state="attached")
    for key in keys:
        page.keyboard.press(key)


def test_pages_are_read_without_scripts(stack: Stack, console: Page) -> None:
    browser = console.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, stack.url, READER)
        page.goto(f"{stack.url}/console/dead")
        expect(page.locator("table.rows tbody tr").first).to_be_visible()
        page.goto(f"{stack.url}/console/audit")
        expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
