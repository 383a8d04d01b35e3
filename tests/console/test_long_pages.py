"""Long pages: what they cost the process that takes pushes, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO

import gevent
import pytest
from console_support import HERE
from flask import Response

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.operator import Door, Operator, Role
from hookrouter.domain.personal import Mask
from hookrouter.runtime.desk import Desk
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.web.console.rendering import PIECES
from hookrouter.web.console.shell import AT_ONCE
from hookrouter.web.crowd import Places
from hookrouter.web.discreet import Discreet
from hookrouter.web.masks import LONGEST, MOST, NOT_SHOWN, Masked
from hookrouter.web.probes import some_at_once


class Dawdling(BytesIO):
    """A form that is a while in coming in: something else is asked for meanwhile."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__(b"who=nobody")
        self._meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        self._meanwhile()
        return super().read(size)


@dataclass(frozen=True)
class Counting(Mask):
    """Counts how often a field's name is looked at."""

    names: list[str] = field(default_factory=list)

    def is_personal(self, name: str) -> bool:
        self.names.append(name)
        return super().is_personal(name)


def test_the_fields_of_a_lead_are_looked_through_once_and_not_for_each_text_of_a_page():
    lead = {f"field{number}": f"call 0171 2345678 {number}" for number in range(50)} | {"phoneNumber": "0171 2345678"}
    mask = Counting()
    telling = Discreet(shown=Masked(mask), lead=lead)

    texts = [telling.text(text) for text in lead.values()]

    assert not any("2345678" in text for text in texts)
    assert mask.names.count("field1") == 1


def test_of_a_long_text_the_beginning_is_looked_through_and_the_rest_not_shown():
    address = "ada.brown@acme.example"
    text = "x " * ((LONGEST - 10) // 2) + address + " behind" * 9_000
    telling = Discreet(shown=Masked(Mask()))

    told, listed = telling.value(text, "note"), telling.shown.value([text])

    for shown in (told, listed[0]):
        assert shown.startswith("x x x")
        assert shown.endswith(NOT_SHOWN)
        assert "ada" not in shown  # neither the part of it that a cut would leave
        assert len(shown) <= LONGEST
    assert replace(telling, shown=Masked(Mask(), is_open=True)).value(text, "note") == text


def test_of_many_texts_no_more_is_looked_through_than_pushes_can_wait_for_and_others_have_their_turn():
    telling, turns = Discreet(shown=Masked(Mask())), []
    gevent.spawn(lambda: [turns.append(gevent.sleep(0)) for _ in range(1000)])

    told = [telling.value("a@b " * (LONGEST // 4)) for _ in range(MOST // LONGEST + 1)]

    assert [each == NOT_SHOWN for each in told] == [False] * (MOST // LONGEST) + [True]
    assert len(turns) >= MOST // LONGEST - 1


def test_others_have_their_turn_while_a_long_page_is_made(visitor):
    operator = Operator(name=HERE, role=Role.OPERATE, door=Door.CONSOLE, address="127.0.0.1")
    for number in range(50):
        Desk(visitor.runtime).audit().note(operator, Act.PAUSE, f"sink:s{number}")
    turns: list[str] = []
    gevent.spawn(turns.append, "a push")

    assert "sink:s49" in visitor.get("/console/audit").text
    assert turns == ["a push"]


def test_others_have_their_turn_within_the_fields_of_one_lead(visitor, bury):
    letter = bury(a_delivery(change=a_change(lead=a_lead(**{f"field{number}": "x" for number in range(300)}))))
    turns: list[int] = []

    def take_turns() -> None:
        for number in range(100):
            turns.append(number)
            gevent.sleep(0)

    gevent.spawn(take_turns)
    visitor.get("/console/dead")
    before = len(turns)
    visitor.get(f"/console/deliveries/{letter.id}")

    assert len(turns) - before >= 300 // PIECES


def test_who_finds_no_place_is_refused_after_a_while():
    places = Places(most=1, within=0.01)
    with places.place(), pytest.raises(PushRefused) as refused, places.place():
        pass
    with places.place():
        assert (refused.value.status, refused.value.retry_after) == (429, 1)


def test_who_asks_for_health_when_too_many_do_is_told_to_come_back(visitor):
    places = Places(most=1, within=0.01)
    look = some_at_once(places)(lambda: Response("well"))

    with visitor.client.application.test_request_context(), places.place():
        busy = look()
    with visitor.client.application.test_request_context():
        again = look()

    assert (busy.status_code, busy.headers["Retry-After"], busy.content_type) == (429, "1", "application/problem+json")
    assert again.status_code == 200
    assert [visitor.get(path).status_code for path in ("/health", "/metrics")] == [503, 200]  # nobody works here


def test_who_dawdles_with_forms_keeps_nobody_waiting_for_a_page(visitor):
    seen: list[int] = []

    def ask(dawdlers: int) -> None:
        if not dawdlers:
            seen.append(visitor.get("/console/audit").status_code)
            return
        form = Dawdling(lambda: ask(dawdlers - 1))
        visitor.client.post("/console/leads/search", base_url=HERE, input_stream=form, content_length=10)

    ask(AT_ONCE)

    assert seen == [200]
