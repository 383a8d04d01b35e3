"""A person is forgotten by the console: what would go is shown, then it goes, with how far it is."""

from __future__ import annotations

import json

import pytest
from console_support import ADMIN, CONFIGURATION, READER, Shown, Visitor
from people import found_in_redis

from hookrouter.domain.forgetting import Erased, Place
from hookrouter.domain.ids import SourceName
from hookrouter.usecases.forget import ForgetPerson
from hookrouter.web.console import forget
from hookrouter.web.console.forget import Course, Left
from hookrouter.web.console.shell import CSRF

ADDRESS, PHONE = "ada.brown@acme.example", "(555) 867-5309"
ADA = {"id": "718281920514", "emailAddress": ADDRESS, "phoneNumber": PHONE}
TWO = CONFIGURATION.replace("sources: {", "sources: {shop: {token: another-token-for-tests}, ")


def push(visitor: Visitor, *leads: dict[str, str]) -> str:
    body = json.dumps(leads).encode()
    taken = visitor.runtime.receive().take(SourceName("crm"), body, {"Content-Type": "application/json"})
    return str(taken.receipt.push)


@pytest.fixture
def operator(open_console) -> Visitor:
    visitor = open_console(admin=ADMIN, read=READER)
    visitor.sign_in(ADMIN)
    return visitor


def test_what_would_go_is_shown_by_place_then_it_goes_and_the_audit_log_names_nobody(operator):
    push(operator, ADA, {"id": "8"})
    server, prefix = operator.runtime.server, operator.runtime.keys.prefix

    looked = operator.send("/console/leads/forget/look", {"who": ADDRESS})
    told = Shown(looked.text)
    assert found_in_redis(server, [ADDRESS], prefix)
    assert "The lead's ids: 718281920514" in told.text
    assert "1 leads that waited to be routed" in told.text
    assert "1 pushes" in told.text
    fields = {str(each["name"]): str(each["value"]) for each in told.all("input") if each.get("name")}
    assert fields[CSRF] == operator.csrf()

    erased = Shown(operator.post("/console/leads/forget/erase", fields).text).text

    assert "2 records erased." in erased
    assert found_in_redis(server, [ADDRESS, PHONE], prefix) == {}
    assert found_in_redis(server, ['"8"', '\\"8\\"'], prefix)  # the other lead of the push
    assert [deed for deed in operator.deeds() if deed[0] == "forget"] == [
        ("forget", "a lead", "begun"),
        ("forget", "a lead", "2 records erased from 2 places"),
    ]
    again = Shown(operator.send("/console/leads/forget/look", {"who": ADDRESS}).text).text
    assert "Nothing is stored of such a lead." in again


def test_from_a_story_a_lead_is_meant_by_its_push_and_no_address_of_it_stands_in_the_page(operator):
    name = push(operator, {"emailAddress": ADDRESS})
    story = Shown(operator.get(f"/console/leads/{name}/0").text)
    [link] = [str(each["href"]) for each in story.all("a") if "/leads/forget" in str(each["href"])]
    page = Shown(operator.get(link).text)
    fields = {str(each["name"]): str(each["value"]) for each in page.all("input") if each.get("name")}

    looked = operator.post("/console/leads/forget/look", fields)

    assert "1 leads that waited to be routed" in Shown(looked.text).text
    assert ADDRESS not in looked.text + link
    assert "2 records erased." in Shown(operator.post("/console/leads/forget/erase", fields).text).text


def test_who_may_only_read_forgets_nobody_and_is_not_offered_to(open_console):
    visitor = open_console(admin=ADMIN, read=READER)
    visitor.sign_in(READER)
    name = push(visitor, ADA)

    assert "Forget" not in visitor.get("/console/leads").text + visitor.get(f"/console/leads/{name}/0").text
    assert "this takes the admin token" in visitor.get("/console/leads/forget").text
    for step in ("look", "erase"):
        assert visitor.send(f"/console/leads/forget/{step}", {"who": ADDRESS}).status_code == 403
    assert found_in_redis(visitor.runtime.server, [ADDRESS], visitor.runtime.keys.prefix)


def test_without_the_form_of_a_page_nobody_is_forgotten(operator):
    push(operator, ADA)

    assert operator.post("/console/leads/forget/erase", {"who": ADDRESS}).status_code == 403
    assert found_in_redis(operator.runtime.server, [ADDRESS], operator.runtime.keys.prefix)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"who": "7"}, "an id is of one source"),
        ({"who": " "}, "say who"),
        ({"push": "p_nowhere", "place": "0"}, "there is no push p_nowhere"),
        ({"push": "THIS", "place": "1"}, "there is no such lead in p_"),
    ],
)
def test_who_is_not_told_well_is_asked_for(open_console, said, told):
    visitor = open_console(text=TWO)
    name = push(visitor, ADA)

    answer = visitor.send("/console/leads/forget/look", {key: text.replace("THIS", name) for key, text in said.items()})

    assert told in Shown(answer.text).text


def test_a_fault_on_the_way_is_told_and_the_same_once_more_goes_on(operator, monkeypatch):
    push(operator, ADA)
    with monkeypatch.context() as broken:
        broken.setattr(ForgetPerson, "erase", lambda *_: 1 / 0)
        told = Shown(operator.send("/console/leads/forget/erase", {"who": ADDRESS}).text)
    assert "It stopped: ZeroDivisionError" in told.text
    [form] = [each for each in told.all("form") if str(each.get("action")).endswith("/erase")]

    assert "2 records erased." in Shown(operator.send(str(form["action"]), {"who": ADDRESS}).text).text


def test_how_far_it_is_is_told_meanwhile_and_it_ends_when_nobody_looks_any_more(monkeypatch):
    monkeypatch.setattr(forget, "TELL_EVERY", 0.0)
    course, told = Course(), []

    def work() -> Erased:
        erased = Erased()
        while True:
            erased.counts[Place.PUSHES] += 1
            told.append(erased.total)
            course.tell(erased)

    steps = course.steps(work)
    first = next(step for step in steps if step.erased.total > 2)
    steps.close()
    seen = len(told)
    with pytest.raises(Left):
        course.tell(Erased())

    assert not first.is_over
    assert first.rows[0][1] == "pushes"
    assert len(told) <= seen + 1
