"""Pushes, deliveries, and one lead's story, as pages: found, told, masked, and never more than text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from console_support import ADMIN, CONFIGURATION, READER, Shown, Visitor

from hookrouter.domain.audit import Act
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.ports.stages import Stage
from hookrouter.runtime.desk import Desk
from hookrouter.store.deliveries import MOST_LOOKED_AT
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.streams import records_of
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.web.console.shell import CSRF
from hookrouter.wire.kept.records import read_delivery

SCRIPT, CHANNEL = "<script>alert(1)</script>", "<!channel>"
ADDRESS, PHONE = "ada.brown@acme.example", "(555) 867-5309"
ADA = {"id": "7", "firstName": SCRIPT, "lastName": CHANNEL, "emailAddress": ADDRESS, "phoneNumber": PHONE}
TEXT = CONFIGURATION + "  - {name: callable, match: {phoneNumber: {prefix: '(666)'}}, to: [log]}\n"
WITH_CRM = (
    TEXT.replace("a-token-only-for-tests", "a-token-only-for-tests, read_back: always")
    + "crm: {account_id: somebody, secret_key: a-key-only-for-tests}\n"
)

Bury = Callable[..., Delivery]


class DeafWake:
    def ring(self, stage: Stage) -> None:
        """Nobody to wake: the test drains by itself."""


def push(visitor: Visitor, *leads: dict[str, Any]) -> str:
    """Take a push and route it."""
    runtime = visitor.runtime
    taken = runtime.receive().take(SourceName("crm"), json.dumps(leads).encode(), {"Content-Type": "application/json"})

    async def route() -> None:
        side = runtime.open_lead_side(DeafWake())
        for partition in range(runtime.settings.partitions):
            intake = await side.leases.intake(partition)
            assert intake is not None
            await side.route.drain(intake, "intake")
            await intake.release()
        await side.close()

    asyncio.run(route())
    return str(taken.receipt.push)


def deliver(visitor: Visitor, sink: str) -> None:
    async def drain() -> None:
        side = visitor.runtime.open_sink_side()
        outbox = await side.leases.outbox(SinkName(sink))
        assert outbox is not None
        await side.deliver.drain(outbox, SinkName(sink), asyncio.Event())
        await outbox.release()
        await side.close()

    asyncio.run(drain())


def search(visitor: Visitor, who: str, **more: str) -> Any:
    page = Shown(visitor.get("/console/pushes").text)
    [form] = [each for each in page.all("form") if each.get("aria-label") == "One lead's story"]
    return visitor.post(str(form["action"]), {CSRF: page.csrf, "who": who, **more})


def story(visitor: Visitor, who: str = "7") -> str:
    """The address of a lead's story."""
    answer = search(visitor, who)
    assert answer.status_code == 303, Shown(answer.text).text
    return str(answer.headers["Location"])


@pytest.fixture
def visitor(open_console) -> Visitor:
    return open_console(text=TEXT)


def test_a_push_is_listed_with_what_came_of_it_and_shown_with_its_leads(visitor):
    name = push(visitor, ADA, {"id": "8", "leadScore": "many"})

    listed = Shown(visitor.get("/console/pushes").text)
    in_part = Shown(visitor.get("/console/pushes?came=in-part&source=crm&since=1h").text)
    none = Shown(visitor.get("/console/pushes?came=refused").text)
    shown = Shown(visitor.get(f"/console/pushes/{name}").text)

    assert f"/console/pushes/{name}" in [link["href"] for link in listed.all("a")]
    assert name in in_part.text
    assert "No pushes of these filters" in none.text
    assert "2: 1 accepted, 1 rejected" in shown.text
    assert f"/console/leads/{name}/0" in [link["href"] for link in shown.all("a")]
    assert "Content-Type" in shown.text


@pytest.mark.parametrize("who", ["7", ADDRESS, ADDRESS.upper()])
def test_a_lead_is_found_by_id_and_address_and_no_address_stands_in_a_url(visitor, who):
    name = push(visitor, ADA)

    address = story(visitor, who)

    assert address == f"/console/leads/{name}/0"
    assert "Lead 7" in Shown(visitor.get(address).text).text


def test_the_story_says_what_changed_which_routes_matched_and_why_not_and_what_was_answered(visitor, capsys):
    push(visitor, {**ADA, "leadScore": "40"})
    push(visitor, {**ADA, "leadScore": "91"})
    deliver(visitor, "log")

    told = Shown(visitor.get(story(visitor)).text).text

    assert "leadScore 40 91" in told
    assert "matched hot-lead" in told
    assert "no match closed leadStatus is customer" in told
    assert "delivered the far side took it" in told
    assert "waiting waits in its sink's outbox for its turn" in told
    assert capsys.readouterr().out


def take(visitor: Visitor, *leads: dict[str, Any]) -> str:
    """Take a push, which waits then."""
    body, headers = json.dumps(leads).encode(), {"Content-Type": "application/json"}
    return str(visitor.runtime.receive().take(SourceName("crm"), body, headers).receipt.push)


@pytest.mark.parametrize("who", ["7", ADDRESS])
def test_a_lead_that_waits_for_the_crm_has_a_story_that_says_so(open_console, keys, who):
    visitor = open_console(text=WITH_CRM)
    name = take(visitor, {"id": "8"}, {**ADA, "leadScore": "91"})
    visitor.runtime.server.call("SET", keys.crm_away(), "server_error")

    told = Shown(visitor.get(story(visitor, who)).text).text

    assert f"waiting The push {name} of it waits for the CRM's own copy of it ( read_back ), since" in told
    assert "The CRM gives none just now: server_error." in told
    assert "No rule has judged it yet" in told
    assert "It was not seen before" in told
    assert "matched hot-lead" in told
    assert "not sent" not in told


def test_a_push_that_waits_is_told_of_before_the_last_change_that_was_judged(visitor):
    push(visitor, {**ADA, "leadScore": "40"})
    name = take(visitor, {**ADA, "leadScore": "91"})

    page = Shown(visitor.get(story(visitor)).text)
    [link] = [str(each["href"]) for each in page.all("a") if f"/console/leads/{name}/0?" in str(each["href"])]

    assert f"waiting The push {name} of it waits for a worker to judge it by the rules" in page.text
    assert "matched hot-lead" not in page.text
    assert "matched hot-lead" in Shown(visitor.get(link).text).text


def test_a_delivery_leads_to_the_story_of_its_lead(visitor):
    push(visitor, {**ADA, "leadScore": "91"})
    deliver(visitor, "log")

    [link] = [
        str(each["href"])
        for each in Shown(visitor.get("/console/deliveries?sink=log&outcome=delivered&lead=7").text).all("a")
        if str(each.get("href")).startswith("/console/deliveries/d_")
    ]
    shown = Shown(visitor.get(link).text)
    [to_lead] = [str(each["href"]) for each in shown.all("a") if "/console/leads?delivery" in str(each["href"])]

    assert "delivered the far side took it" in shown.text
    assert visitor.get(to_lead).headers["Location"].partition("#")[0] == story(visitor)


def test_what_waits_is_shown_with_what_holds_it_up(visitor):
    Desk(visitor.runtime).pauses().pause("log", by="ada", reason=SCRIPT, until=None)
    push(visitor, {**ADA, "leadScore": "91"})
    deliver(visitor, "billing")

    page = visitor.get("/console/deliveries/waiting")
    one = Shown(visitor.get("/console/deliveries/waiting?sink=log&route=hot-lead").text).text
    none = Shown(visitor.get("/console/deliveries/waiting?sink=log&route=closed").text).text

    told = Shown(page.text).text
    assert f"log 1 waits the sink is paused by ada: {SCRIPT}" in told
    assert "billing 1 waits" in told
    assert "retrying" in told
    assert "network" in told
    assert SCRIPT not in page.text
    assert ("billing 1" in one, "hot-lead 7 waiting" in one, "hot-lead 7 waiting" in none) == (False, True, False)


def test_what_a_paused_route_holds_is_among_what_waits(visitor):
    Desk(visitor.runtime).pauses().pause("hot-lead", by="ada", reason="an edit", until=None)
    push(visitor, {**ADA, "leadScore": "91"})
    deliver(visitor, "log")

    told = Shown(visitor.get("/console/deliveries/waiting?sink=log").text).text

    assert "log 1 waits" in told
    assert "held paused by ada: an edit" in told


def test_all_that_waits_at_a_sink_is_paged_through_once_each_and_back(visitor):
    Desk(visitor.runtime).pauses().pause("hot-lead", by="ada", reason="", until=None)
    push(visitor, *({"id": str(number), "leadScore": "91"} for number in range(60)))
    deliver(visitor, "billing")  # shut out, by its route
    push(visitor, *({"id": str(number), "leadStatus": "customer", "leadScore": "99"} for number in range(60, 120)))

    first = Shown(visitor.get("/console/deliveries/waiting").text)
    [whole] = [str(link["href"]) for link in first.all("a") if "sink=billing" in str(link["href"])]
    pages = [Shown(visitor.get(whole).text)]
    while following := [link for link in pages[-1].all("a") if link.get("rel") == "next"]:
        pages.append(Shown(visitor.get(str(following[0]["href"])).text))
    told = [href for page in pages for href in _deliveries_on(page)]

    assert [len(_deliveries_on(page)) for page in pages] == [50, 50, 20]
    assert len(set(told)) == len(told) == 120
    assert whole in [str(link["href"]) for link in pages[-1].all("a")]


def test_a_place_among_what_waits_that_was_never_said_is_the_beginning(visitor):
    push(visitor, {"id": "7", "leadScore": "91"})

    for said in ("x", "9::1-1", "5::not-a-place", "0:hot-lead:nan", "2:hot-lead:1-1"):
        page = Shown(visitor.get(f"/console/deliveries/waiting?sink=billing&after={said}").text)
        assert len(_deliveries_on(page)) == 1, said


def _deliveries_on(page: Shown) -> list[str]:
    return [str(link["href"]) for link in page.all("a") if str(link["href"]).startswith("/console/deliveries/d_")]


def test_what_waits_leads_to_its_leads_story(visitor):
    push(visitor, {**ADA, "leadScore": "91"})
    deliver(visitor, "log")

    for path in ("/console/deliveries", "/console/deliveries/waiting"):
        links = [str(link["href"]) for link in Shown(visitor.get(path).text).all("a")]
        to_story = [link for link in links if link.startswith("/console/leads?delivery=")]
        assert {visitor.get(link).headers["Location"].partition("#")[0] for link in to_story} == {story(visitor)}


def test_of_a_letter_that_died_the_story_leads_to_what_is_to_be_done(visitor, bury: Bury):
    name = push(visitor, {**ADA, "leadScore": "91"})
    outbox, server = visitor.runtime.keys.outbox(SinkName("billing")), visitor.runtime.server
    [record] = [record for _, record in records_of(server.call("XRANGE", outbox, "-", "+"))]
    server.call("DEL", outbox)
    letter = bury(read_delivery(record))

    page = visitor.get(f"/console/leads/{name}/0").text

    assert "What to do: the letter's page tells its answer; mend the rule or the lead" in Shown(page).text
    assert f'<a href="/console/dead/{letter.id}">the letter&#39;s page</a>' in page
    assert "`" not in Shown(page).text


def test_a_search_by_a_delivery_or_a_push_goes_there(visitor, bury: Bury):
    name = push(visitor, {**ADA, "leadScore": "91"})
    deliver(visitor, "log")
    [attempt] = _attempts(visitor)

    assert search(visitor, attempt).headers["Location"] == f"/console/leads/{name}/0#{attempt}"
    assert search(visitor, name).headers["Location"] == f"/console/pushes/{name}"


def _attempts(visitor: Visitor) -> list[str]:
    page = visitor.get("/console/deliveries").text
    return [
        str(each["href"]).split("/")[3].split("?")[0]
        for each in Shown(page).all("a")
        if "/deliveries/d_" in str(each["href"])
    ]


def test_what_is_hostile_in_a_lead_is_text_on_every_page(visitor):
    lead = {**ADA, "leadScore": "91", "leadStatus": CHANNEL, "companyName": SCRIPT}
    name = push(visitor, {**lead, "leadScore": "12"})
    push(visitor, lead)
    deliver(visitor, "log")
    address = story(visitor)
    deliveries = [f"/console/deliveries/{each}" for each in _attempts(visitor)]

    pages = [visitor.get(path) for path in (f"/console/pushes/{name}", address, "/console/deliveries", *deliveries)]

    for page in pages:
        assert page.status_code == 200
        assert SCRIPT not in page.text
        assert CHANNEL not in page.text
        assert not any("alert(1)" in str(script) for script in Shown(page.text).all("script"))
    assert all(text in Shown(pages[1].text).text for text in (SCRIPT, CHANNEL))


@pytest.mark.parametrize("text", [SCRIPT, CHANNEL, "d_<script>", "p_<script>", "<!channel>@x", "../../hooks", "\x00"])
def test_what_is_hostile_in_a_search_is_text_too(visitor, text):
    push(visitor, ADA)

    answer = search(visitor, text)
    filtered = visitor.get(
        "/console/deliveries", query_string={"lead": text, "outcome": text, "since": text, "after": text}
    )

    assert answer.status_code in {303, 404}
    assert filtered.status_code == 200
    assert "<script>" not in (answer.text + filtered.text).replace('<script src="', "")
    assert "<!channel>" not in answer.text + filtered.text


def test_what_is_personal_is_masked_wherever_it_stands_until_it_is_unmasked_on_purpose(open_console):
    visitor = open_console(text=TEXT, admin=ADMIN)
    visitor.sign_in(ADMIN)
    name = push(visitor, {**ADA, "leadScore": "91", "nickName": "Addie-the-Great", "note": f"call {PHONE}"})
    address = story(visitor)
    pages = [f"/console/pushes/{name}", address, "/console/deliveries", "/console/pushes"]

    masked = "".join(visitor.get(page).text for page in pages)
    opened = [visitor.post(page, {CSRF: visitor.csrf(page)}).text for page in pages[:2]]
    again = visitor.get(address).text

    for value in (ADDRESS, "ada.brown", "867-5309", "Addie-the-Great"):
        assert value not in masked + again
        assert all(value in page for page in opened)
    noted = [(deed.act, deed.of) for deed in Desk(visitor.runtime).audit().list(limit=10).found]
    assert [(Act.UNMASK, page.removeprefix("/console")) for page in (address, pages[0])] == noted[:2]


def test_the_title_of_a_page_which_browsers_keep_names_nobody_even_unmasked(open_console):
    visitor = open_console(text=TEXT, admin=ADMIN)
    visitor.sign_in(ADMIN)
    name = push(visitor, {"emailAddress": ADDRESS, "leadScore": "91"})

    opened = visitor.post(f"/console/leads/{name}/0", {CSRF: visitor.csrf()}).text

    assert ADDRESS in opened
    assert ADDRESS not in opened.partition("</title>")[0]


def test_who_may_only_read_searches_and_unmasks_nothing(open_console):
    visitor = open_console(text=TEXT, admin=ADMIN, read=READER)
    visitor.sign_in(READER)
    push(visitor, ADA)
    address = story(visitor, ADDRESS)

    page = visitor.get(address)
    unmasked = visitor.post(address, {CSRF: Shown(page.text).csrf})

    assert "Personal data is masked" in Shown(page.text).text
    assert (unmasked.status_code, ADDRESS in unmasked.text) == (403, False)


def test_a_search_without_the_form_of_a_page_is_refused(visitor):
    push(visitor, ADA)

    assert visitor.post("/console/leads/search", {"who": "7"}).status_code == 403


def test_an_address_in_the_filters_is_refused_and_not_written_back(visitor):
    answer = visitor.get("/console/deliveries", query_string={"lead": ADDRESS})

    assert "an address must not stand in a URL" in Shown(answer.text).text
    assert ADDRESS not in answer.text


def test_a_look_that_found_nothing_so_far_says_how_far_it_looked_and_goes_on(
    visitor, server: RedisServer, keys: Keys, bury: Bury
):
    found = bury(a_delivery(change=a_change(lead=a_lead(id="777"))))
    record = b'{"v": 1, "id": "d_other"}'
    for _ in range(0, MOST_LOOKED_AT, 2000):
        server.call_all([("XADD", keys.attempts(), "*", "r", record)] * 2000)

    first = Shown(visitor.get("/console/deliveries?lead=777").text)
    [further] = [str(link["href"]) for link in first.all("a") if link.get("rel") == "next"]

    assert "and found nothing" in first.text
    assert found.id[:10] in visitor.get(further).text


@pytest.mark.parametrize(
    "path", ["pushes/p_none", "deliveries/d_none", "leads/p_none/0", "leads?who=nobody", "leads?delivery=d_none"]
)
def test_what_is_not_there_is_said(visitor, path):
    answer = visitor.get(f"/console/{path}")

    assert answer.status_code == 404
    assert "no" in Shown(answer.text).text


def test_a_push_shows_no_number_to_dial_out_of_a_note_and_the_ids_that_are_none(visitor):
    lead = ADA | {
        "note": "5558675309",
        "title": "8005551234",
        "city": "03076543219",
        "fax": "",
        "street": "5558675309 x",
    }
    name = push(visitor, lead | {"id": "718281920514", "ownerID": "3134996045"}, {"id": "8", "note": "313499604"})

    masked = visitor.get(f"/console/pushes/{name}").text
    unmasked = visitor.send(f"/console/pushes/{name}").text

    for number in ("5558675309", "8005551234", "03076543219", "867-5309"):
        assert number not in masked
        assert number in unmasked
    for known in ("718281920514", "3134996045", "313499604"):
        assert known in masked


def test_a_name_that_two_sources_know_leads_to_a_page_of_each_where_it_is_unmasked(open_console):
    text = TEXT.replace("sources: {", "sources: {shop: {token: another-token-for-tests}, ")
    visitor = open_console(text=text)
    push(visitor, ADA)
    body, headers = json.dumps([ADA]).encode(), {"Content-Type": "application/json"}
    visitor.runtime.receive().take(SourceName("shop"), body, headers)
    push(visitor)

    both = Shown(search(visitor, "7").text)
    pages = list(dict.fromkeys(str(each["href"]) for each in both.all("a") if "/console/leads/p_" in str(each["href"])))
    assert "2 sources know a lead of this name" in both.text
    assert "Show personal data" not in both.text
    assert len(pages) == 2
    assert all("Show personal data" in visitor.get(page).text for page in pages)


def test_a_search_by_address_line_leads_to_the_page_whose_unmasking_says_which_lead_it_was(visitor):
    name = push(visitor, ADA)

    assert visitor.get("/console/leads?who=7").headers["Location"] == f"/console/leads/{name}/0"
