"""The simulator's page, and what a person does there."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hookrouter.simulator import page
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.lead_fields import CUSTOM_FIELDS
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.pushing import Pushing

FIRST, SECOND = str(FIRST_ID), str(FIRST_ID + 1024)
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def send(wire, method, path, body=None, headers=None):
    async with wire.session.request(method, wire.simulator.url + path, json=body, headers=headers) as answer:
        text = await answer.text()
        return answer, json.loads(text) if answer.content_type == "application/json" else text


async def listed(wire, query=""):
    return (await send(wire, "GET", f"/leads{query}"))[1]


def test_a_browser_gets_the_page_and_all_others_the_status(ask):
    async def question(wire):
        return [await send(wire, "GET", "/", headers=headers) for headers in (BROWSER, {"Accept": "*/*"}, None)]

    (shown, html), *others = ask(question)

    assert (shown.content_type, shown.headers["Vary"]) == ("text/html", "Accept")
    assert "<h1>Simulated CRM</h1>" in html
    assert {each.content_type for each, _ in others} == {"application/json"}
    assert all(status["leads"] == 3 for _, status in others)


class Page(HTMLParser):
    """What a page refers to, and what would run or style in it."""

    def __init__(self):
        super().__init__()
        self.asked, self.ids, self.inline = [], set(), []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.asked += [given[name] for name in ("src", "href") if name in given]
        self.ids.add(given.get("id"))
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []


def test_the_page_is_whole_and_nothing_else_may_run_in_it(ask):
    async def question(wire):
        answer, html = await send(wire, "GET", "/", headers=BROWSER)
        read = Page()
        read.feed(html)
        return answer, read, [await send(wire, "GET", f"/{path}") for path in read.asked]

    answer, read, files = ask(question)

    assert read.inline == []
    assert {each.status for each, _ in files} == {200}
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


SCRIPTS = sorted(Path(page.STATIC).glob("*.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_asks_only_for_what_there_is_and_writes_no_markup(script):
    text = script.read_text()
    html = (page.STATIC / "page.html").read_text()

    assert set(re.findall(r'\bat\("([\w-]+)"\)', text)) <= set(re.findall(r'id="([\w-]+)"', html))
    assert set(re.findall(r'from "\./([\w.]+)"', text)) <= set(page.FILES)
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"):
        assert word not in text


def test_leads_are_found_by_words_and_listed_by_pages_the_newest_first(ask):
    async def question(wire):
        wire.simulator.book.update({"id": FIRST, "firstName": "Aurelia", "companyName": "Looms of Ulm"})
        first = await listed(wire)
        last = await listed(wire, "?page=99")
        found = await listed(wire, "?search=ULM+aurel")
        nothing = await listed(wire, "?search=aurelia+zzz&page=x")
        return first, last, found, nothing

    first, last, found, nothing = ask(question, leads=60)

    assert (first["total"], first["pages"], len(first["leads"]), first["leads"][0]["id"]) == (60, 3, 25, FIRST)
    assert (last["page"], len(last["leads"])) == (3, 10)
    assert [lead["id"] for lead in found["leads"]] == [FIRST]
    assert (nothing["total"], nothing["page"], nothing["pages"]) == (0, 1, 1)


def test_what_a_person_types_is_pushed_and_shown_as_it_was_typed(ask, listening, until):
    typed = "O'Neil & <Sons>"

    async def question(wire):
        async with listening() as listener:
            await wire.call("subscribeToLeadUpdates", {"url": listener.url})
            answer, lead = await send(
                wire, "PATCH", f"/leads/{FIRST}", {"companyName": typed, "leadStatus": "customer"}
            )

            async def is_pushed():
                return (await wire.status())["leads_acked"] == 1

            await until(is_pushed)
            return answer.status, lead, json.loads(listener.pushes[0][1])[0]

    status, lead, pushed = ask(question, pushing=Pushing(batch_delay=0.01, own_writes=False))

    values = {field["name"]: field["value"] for field in lead["fields"]}
    assert (status, values["companyName"], values["leadStatus"]) == (200, typed, "customer")
    assert pushed["companyName"] == "O&#039;Neil &amp; &amp;lt;Sons&gt;"
    assert lead["events"][0]["source"] == "changeLeadStatus"


def test_a_lead_is_added_and_deleted(ask):
    async def question(wire):
        _, made = await send(wire, "POST", "/leads", {"emailAddress": "new@example.com", "firstName": "Nora"})
        before = (await listed(wire))["total"]
        await send(wire, "DELETE", f"/leads/{made['id']}")
        gone, _ = await send(wire, "GET", f"/leads/{made['id']}")
        return before, (await listed(wire))["total"], gone.status

    assert ask(question) == (4, 3, 404)


def test_something_happens_to_a_lead(ask):
    async def question(wire):
        _, lead = await send(wire, "POST", f"/leads/{FIRST}/events", {"source": "formSubmit"})
        answer, _ = await send(wire, "POST", f"/leads/{FIRST}/events", {"source": "flood"})
        return lead["events"][0]["source"], answer.status

    assert ask(question) == ("formSubmit", 422)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("PATCH", "/leads/999", {"title": "x"}, 404, id="no such lead"),
        pytest.param("PATCH", f"/leads/{FIRST}", {"leadStatus": "hot"}, 422, id="no such status"),
        pytest.param("PATCH", f"/leads/{FIRST}", {"emailAddress": "taken@example.com"}, 422, id="another's address"),
        pytest.param("PATCH", f"/leads/{FIRST}", ["x"], 400, id="no object"),
        pytest.param("PATCH", f"/leads/{FIRST}", {"faxNumber": ""}, 200, id="nothing differs"),
        pytest.param("PATCH", f"/leads/{FIRST}", {"ownerID": ""}, 200, id="an owner less"),
        pytest.param("POST", "/leads", {"firstName": "Nora"}, 422, id="no address"),
        pytest.param("POST", "/leads", {"emailAddress": "taken@example.com"}, 422, id="a known address"),
    ],
)
def test_what_cannot_be_is_refused_in_words(ask, method, path, body, status):
    async def question(wire):
        wire.simulator.book.update({"id": SECOND, "emailAddress": "taken@example.com"})
        answer, said = await send(wire, method, path, body)
        return answer.status, said

    told, said = ask(question)

    assert told == status
    assert said


def test_every_dial_is_explained(ask):
    _, told = ask(lambda wire: send(wire, "GET", "/dials/described"))

    assert {section: set(dials) for section, dials in told["dials"].items()} == {
        section: set(values) for section, values in Dials().stand().items()
    }
    assert [name for dials in told["dials"].values() for name, dial in dials.items() if not dial["words"]] == []
    assert "mixed" in told["dials"]["pushing"]["shape"]["choices"]
    assert "reset_after" in told["faults"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="no browser"),
        pytest.param({"Origin": "{own}"}, 200, id="the page itself"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="another page"),
        pytest.param({"Origin": "null"}, 403, id="a page without origin"),
        pytest.param({"Origin": "http://evil.example:80", "Host": "evil.example:80"}, 403, id="a name that leads here"),
    ],
)
def test_no_other_web_page_turns_the_switches(ask, headers, status):
    async def question(wire):
        given = {name: value.format(own=wire.simulator.url) for name, value in headers.items()}
        return (await send(wire, "POST", "/faults", {"mode": "none"}, given))[0].status

    assert ask(question) == status


def test_custom_fields_are_shown_by_their_labels(ask):
    _, lead = ask(lambda wire: send(wire, "GET", f"/leads/{FIRST}"))

    labels = {field["name"]: field["label"] for field in lead["fields"]}
    assert {labels[name] for name in CUSTOM_FIELDS} == {label for label, _ in CUSTOM_FIELDS.values()}
