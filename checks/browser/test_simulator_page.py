"""The simulator's page as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from stack_support import delivered, eventually, subscribed

from hookrouter.testing.crm import SimulatedCrm, simulated_crm

TYPED = "O'Neil & <Sons>"
OTHERS = 30


@pytest.fixture
def crm() -> Iterator[SimulatedCrm]:
    with simulated_crm(leads=OTHERS) as made:
        yield made


@pytest.fixture
def opened(crm: SimulatedCrm, page: Page) -> Page:
    page.goto(crm.url)
    expect(page.get_by_role("status")).to_have_text("connected")
    return page


@pytest.mark.timeout(200)
def test_a_lead_that_is_changed_on_the_page_is_pushed_and_routed(
    crm: SimulatedCrm, opened: Page, tmp_path: Path
) -> None:
    lead_id, lead = next(iter(crm.leads().items()))
    dialog = opened.get_by_role("dialog")
    with subscribed(crm, tmp_path) as out:
        opened.get_by_label("Search leads").fill(lead["emailAddress"] or "")
        row = opened.locator("#rows tr")
        expect(row).to_have_count(1)
        row.get_by_role("button").click()
        expect(dialog.get_by_role("heading", name=f"Lead {lead_id}")).to_be_visible()
        dialog.get_by_label("companyName").fill(TYPED)
        dialog.locator("select[name=leadStatus]").select_option("customer")
        dialog.get_by_role("button", name="Save").click()

        expect(dialog).not_to_be_visible()
        expect(row).to_contain_text(TYPED)
        expect(row).to_contain_text("customer")
        [told] = eventually(lambda: delivered(out), "the change is delivered")
        expect(opened.locator("#figures div", has_text="… and taken")).to_have_text("… and taken1")

    assert told["data"]["lead"]["id"] == lead_id
    assert (told["data"]["lead"]["companyName"], told["data"]["lead"]["leadStatus"]) == (TYPED, "customer")


def test_a_lead_is_added_found_and_deleted(crm: SimulatedCrm, opened: Page) -> None:
    opened.get_by_role("button", name="New lead").click()
    dialog = opened.get_by_role("dialog")
    dialog.get_by_label("emailAddress").fill("marta@example.com")
    dialog.get_by_label("firstName").fill("<b>Marta</b>")
    dialog.get_by_role("button", name="Save").click()
    row = opened.locator("#rows tr", has_text="marta@example.com")
    expect(row).to_contain_text("<b>Marta</b>")
    added = len(crm.leads())

    opened.on("dialog", lambda question: question.accept())
    row.get_by_role("button").click()
    dialog.get_by_role("button", name="Delete").click()

    expect(row).to_have_count(0)
    assert (added, len(crm.leads())) == (OTHERS + 1, OTHERS)


def test_what_the_crm_refuses_is_told_in_the_dialog_and_nothing_typed_is_lost(crm: SimulatedCrm, opened: Page) -> None:
    first = next(iter(crm.leads().values()))
    opened.get_by_role("button", name="New lead").click()
    dialog = opened.get_by_role("dialog")
    dialog.get_by_label("firstName").fill("Marta")
    dialog.get_by_label("emailAddress").fill((first["emailAddress"] or "").upper())
    dialog.get_by_role("button", name="Save").click()

    expect(dialog.get_by_role("alert")).not_to_be_empty()
    expect(dialog.get_by_label("firstName")).to_have_value("Marta")
    assert len(crm.leads()) == OTHERS


def test_a_dial_that_is_turned_and_a_fault_that_is_switched_hold(opened: Page) -> None:
    opened.get_by_label("Fault").select_option("html503")
    opened.get_by_role("button", name="Switch").click()
    expect(opened.get_by_role("status")).to_have_text("html503 from now on")
    lost = opened.locator("#dials input[name=lost]")
    lost.fill("0.3")
    lost.press("Tab")
    expect(opened.get_by_role("status")).to_have_text("lost turned")
    opened.reload()

    expect(opened.get_by_label("Fault")).to_have_value("html503")
    expect(opened.locator("#dials input[name=lost]")).to_have_value("0.3")


def test_pages_are_turned_and_random_changes_show(crm: SimulatedCrm, opened: Page) -> None:
    expect(opened.locator("#place")).to_have_text("Page 1 of 2")
    opened.get_by_role("button", name="On", exact=True).click()
    expect(opened.locator("#place")).to_have_text("Page 2 of 2")
    expect(opened.get_by_role("button", name="On", exact=True)).to_be_disabled()
    opened.get_by_label("How many").fill("7")
    opened.get_by_role("button", name="Random changes").click()

    expect(opened.get_by_role("status")).to_have_text("7 random changes")
    assert crm.status()["changes"] == 7
