"""A lead's story, pushes and deliveries, as somebody finds in them why a lead did not arrive."""

from __future__ import annotations

import pytest
from console_pages import draw, insist_on_access, insist_on_phone, sign_in
from console_stack import ADDRESS, CHANNEL, NAMED, READER, SCRIPT, Stack
from playwright.sync_api import Page, expect

FORGOTTEN = "718281927777"


@pytest.mark.timeout(200)
def test_a_search_by_address_tells_why_the_lead_did_not_arrive_and_names_nobody_in_the_url(
    stack: Stack, console: Page
) -> None:
    console.goto(f"{stack.url}/console/leads")
    console.get_by_label("Lead", exact=True).fill(ADDRESS)
    console.get_by_role("button", name="Tell its story").click()

    expect(console.get_by_role("heading", level=1)).to_contain_text(f"Lead {NAMED}")
    assert "@" not in console.url
    billing = console.get_by_role("article", name="billing by hot-lead")
    expect(billing).to_contain_text("it does not want what it was sent")
    expect(billing).to_contain_text("has no account")
    expect(console.get_by_role("article", name="sales by hot-lead")).to_contain_text("the far side took it")
    route = console.get_by_text("no match new-customer")
    expect(route).to_contain_text("leadStatus is customer (was qualified)")
    closed = console.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    expect(console.get_by_label("Message for billing")).to_contain_text(SCRIPT)
    expect(console.get_by_label("Message for billing")).to_contain_text(CHANNEL)
    insist_on_access(console)
    insist_on_phone(console)


def test_from_an_attempt_one_comes_to_its_delivery_the_push_and_the_story(stack: Stack, console: Page) -> None:
    console.goto(f"{stack.url}/console/deliveries?outcome=dead&sink=billing")
    console.locator("table.rows tbody tr").last.get_by_role("link", name="d_").click()
    expect(console.get_by_text("given up: see the dead letter")).to_be_visible()
    insist_on_access(console)
    insist_on_phone(console)
    draw(console, "delivery")

    console.get_by_role("link", name="Its lead's whole story").click()
    expect(console.get_by_role("heading", name="What was sent")).to_be_visible()
    console.get_by_role("link", name="p_").first.click()
    expect(console.get_by_role("heading", name="Body")).to_be_visible()
    insist_on_access(console)
    insist_on_phone(console)


def test_a_person_is_forgotten_once_it_was_seen_what_would_go(stack: Stack, console: Page) -> None:
    push = stack.push([{"id": FORGOTTEN, "leadScore": 95, "emailAddress": "nobody@example.com"}])
    console.goto(f"{stack.url}/console/leads/{push}/0")
    console.get_by_role("link", name="Forget this person").click()
    insist_on_access(console)
    insist_on_phone(console)
    console.get_by_role("button", name="Show what would go").click()
    erase = console.get_by_role("button", name="for good")
    expect(erase).to_be_visible()
    expect(console.get_by_text("so far")).not_to_be_visible()
    assert "nobody@example.com" not in console.content()
    insist_on_access(console)
    insist_on_phone(console)
    draw(console, "forget")
    console.on("dialog", lambda question: question.accept())
    erase.click()
    expect(console.get_by_role("status")).to_contain_text("erased.")
    insist_on_access(console)

    console.goto(f"{stack.url}/console/deliveries?lead={FORGOTTEN}")
    expect(console.get_by_text("No attempts of these filters")).to_be_visible()


def test_stories_are_read_without_scripts_by_who_may_only_look(stack: Stack, console: Page) -> None:
    browser = console.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, stack.url, READER)
        page.goto(f"{stack.url}/console/pushes?came=in-part")
        page.get_by_label("Lead", exact=True).fill(NAMED)
        page.get_by_role("button", name="Tell its story").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"Lead {NAMED}")
        expect(page.get_by_text("Personal data is masked.")).to_be_visible()
        assert ADDRESS not in page.content()
