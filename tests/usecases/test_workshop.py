"""Operators try what they are about to do: leads that nobody pushed, and dead letters with their leads mended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runtimes import runtime_at

from hookrouter.domain.errors import HookrouterError, NotFound, PushRefused
from hookrouter.domain.ids import SourceName
from hookrouter.runtime.workshop import Workshop
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.layout import Layouts
from hookrouter.store.streams import records_of
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.usecases.explaining.playground import MOST_EXPLAINED, Given
from hookrouter.wire.kept.records import read_delivery

CONFIGURATION = """\
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks:
  log: {type: stdout}
  billing: {type: http, url: "https://billing.example.com/", headers: {X: "{{ 100 // (lead.leadScore | int) }}"}}
routes: [{name: hot-lead, match: {leadScore: {gte: 80}}, to: [log]}]
"""


@pytest.fixture
def runtime(valkey, keys, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path))
    opened = runtime_at(tmp_path, valkey.url, CONFIGURATION, role="cli", prefix=keys.prefix)
    yield opened
    opened.server.client.close()


def test_a_lead_that_nobody_pushed_is_judged_as_the_router_would(runtime):
    given = Given(leads=[{"id": "7", "leadScore": 91}, {}], previous={"id": "7", "leadScore": 12})

    told = Workshop(runtime).playground().given(given)

    [one] = told.explanations
    assert (one.event, one.changed, [route.failed for route in one.routes]) == ("updated", ("leadScore",), [None])
    assert [rejected.place for rejected in told.rejected] == [1]


def test_a_stored_push_is_judged_again(runtime):
    body = json.dumps([{"id": str(number), "leadScore": 91} for number in range(MOST_EXPLAINED + 2)]).encode()
    push = runtime.receive().take(SourceName("crm"), body, {}).receipt.push

    told = Workshop(runtime).playground().stored(push, None, source=None, at=None)

    assert ([each.lead.key for each in told.recalled[:2]], len(told.explanations), told.left) == (
        ["0", "1"],
        MOST_EXPLAINED,
        2,
    )


def test_others_have_their_turn_before_each_lead(runtime):
    turns = []
    playground = Workshop(runtime).playground(rest=lambda: turns.append(1))
    body = json.dumps([{"id": str(number)} for number in range(3)]).encode()
    push = runtime.receive().take(SourceName("crm"), body, {}).receipt.push

    playground.given(Given(leads=[{"id": "7"}, {"id": "8"}]))
    playground.stored(push, None, source=None, at=None)

    assert len(turns) == 5


def test_what_cannot_be_judged_is_refused(runtime):
    playground = Workshop(runtime).playground()

    with pytest.raises(PushRefused):
        playground.given(Given(leads=7))
    with pytest.raises(NotFound):
        playground.given(Given(leads={"id": 7}, source="no-such-source"))


def test_a_dead_letter_is_shown_and_sent_as_mended(runtime, bury):
    letter = bury(a_delivery(change=a_change(lead=a_lead(leadScore="0")), sink="billing"))
    repair = Workshop(runtime).repair()

    assert repair.preview(letter.id, {}).fault
    assert repair.preview(letter.id, {"leadScore": "50"}).content["headers"]["X"] == "2"
    assert repair.replay(letter.id, {"leadScore": "50"})

    [(_, record)] = records_of(runtime.server.call("XRANGE", runtime.keys.outbox(letter.sink), "-", "+"))
    again = read_delivery(record)
    assert (again.id, again.attempts, again.lead) == (letter.id, 0, {**letter.lead, "leadScore": "50"})
    with pytest.raises(NotFound):
        repair.replay(letter.id, {})


def test_what_has_no_lead_of_its_own_or_no_sink_is_not_mended(runtime, bury):
    members = [a_delivery(change=a_change(lead=a_lead(id=number, companyName=f"Company {number}"))) for number in "89"]
    digest = bury(a_delivery(sink="log", members=tuple(members)))
    lost = bury(a_delivery(change=a_change(lead=a_lead(id="9")), sink="gone"))
    repair = Workshop(runtime).repair()

    with pytest.raises(HookrouterError, match="no one lead"):
        repair.replay(digest.id, {"leadScore": "50"})
    with pytest.raises(HookrouterError, match="no sink gone"):
        repair.replay(lost.id, {})
    assert repair.preview(lost.id, {}).fault
    assert "2 more leads" in str(repair.preview(digest.id, {}).content)
    letters = RedisDeadLetters(server=runtime.server, keys=runtime.keys, layouts=Layouts(runtime.keys, 4))
    assert [letters.find(each.id) is None for each in (digest, lost)] == [False, False]
