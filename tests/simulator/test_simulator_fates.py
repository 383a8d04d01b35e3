"""Pushes that the simulated CRM loses, doubles, reorders or delays, and its count of them."""

from __future__ import annotations

import json

import pytest

from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.pushing import Pushing

FIRST = str(FIRST_ID)
QUICK = {"batch_delay": 0.01, "held": 0.1}


@pytest.fixture
def after(ask, listening, until):
    """What a listener heard of changes, the status once nothing waits, and the leads that it did not hear of last."""

    def run(change, *, answers=200, **options):
        async def question(wire):
            async with listening(answers) as listener:
                await wire.call("subscribeToLeadUpdates", {"url": listener.url})
                await change(wire)

                async def all_is_said():
                    return (await wire.status())["leads_waiting"] == 0

                await until(all_is_said)
                heard = [lead for _, content in listener.pushes for lead in json.loads(content)]
                unheard = wire.simulator.pushes.ledger.unheard()
                truth = {lead["id"]: dict(lead) for lead in wire.simulator.book}
                return heard, await wire.status(), unheard, truth

        return ask(question, **options)

    return run


async def many(wire):
    await wire.post("/changes", body={"count": 2000})


def test_what_is_counted_is_what_happened(after):
    pushing = Pushing(lost=0.3, doubled=0.1, reordered=0.1, delayed=0.1, **QUICK)

    heard, status, unheard, truth = after(many, leads=300, pushing=pushing)

    assert status["changes"] == 2000
    assert len(heard) == status["leads_pushed"] == 2000 - status["leads_lost"] + status["leads_doubled"]
    assert 500 < status["leads_lost"] < 700
    assert all(140 < status[name] < 260 for name in ("leads_doubled", "leads_reordered", "leads_delayed"))
    assert status["leads_overtaken"] > 0
    up_to_date = {lead["id"] for lead in heard if lead == truth[lead["id"]]}
    assert {lead["id"] for lead in heard} - up_to_date <= set(unheard)
    assert len(up_to_date & set(unheard)) <= 5  # changed back to what was heard before
    assert len(unheard) == status["leads_unheard"] > 0


def test_the_same_seed_loses_the_same_changes(after):
    def lost(seed):
        return after(many, leads=300, seed=seed, pushing=Pushing(lost=0.3, **QUICK))[2]

    assert lost(4) == lost(4) != lost(5)


def test_nothing_is_lost_unless_it_is_asked_for(after):
    heard, status, unheard, _ = after(many, leads=50, pushing=Pushing(**QUICK))

    assert (len(heard), unheard) == (2000, [])
    assert {status[f"leads_{fate}"] for fate in ("lost", "doubled", "reordered", "delayed")} == {0}


def test_a_doubled_change_comes_twice_and_the_same(after):
    async def change(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver"}]})

    heard, _, _, _ = after(change, pushing=Pushing(doubled=1, **QUICK))

    assert [lead["title"] for lead in heard] == ["Weaver", "Weaver"]
    assert heard[0] == heard[1]


def test_a_reordered_change_comes_after_the_newer_one(after, until):
    async def change(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver"}]})
        await wire.post("/dials", body={"pushing": {"reordered": 0}})
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Dyer"}]})

    heard, status, unheard, _ = after(change, pushing=Pushing(reordered=1, batch_delay=0.01, held=60))

    assert [lead["title"] for lead in heard] == ["Dyer", "Weaver"]
    assert (status["leads_reordered"], status["leads_overtaken"], unheard) == (1, 1, [])


def test_a_push_that_is_refused_was_not_heard(after):
    async def change(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver"}]})

    _, _, unheard, _ = after(change, answers=503)

    assert unheard == [FIRST]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param({}, ["made@example.com", "typed@example.com", "updated", "edited"], id="everything"),
        pytest.param({"own_writes": False}, ["typed@example.com", "edited"], id="no echo"),
        pytest.param({"creates": False}, ["updated", "edited"], id="no new leads"),
    ],
)
def test_what_is_pushed_at_all_is_an_option(after, options, told):
    async def change(wire):
        await wire.call("createLeads", {"objects": [{"emailAddress": "made@example.com", "title": "made@example.com"}]})
        wire.simulator.book.create({"emailAddress": "typed@example.com", "title": "typed@example.com"})
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "updated"}]})
        wire.simulator.book.update({"id": FIRST, "title": "edited"})

    heard, status, _, _ = after(change, pushing=Pushing(**QUICK, **options))

    assert [lead["title"] for lead in heard] == told
    assert status["changes_unsaid"] == 4 - len(told)


def test_of_what_changed_before_anybody_subscribed_nobody_hears(ask):
    async def question(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver"}]})
        async with wire.session.get(wire.simulator.url + "/unheard") as answer:
            told = await answer.json()
        await wire.call("deleteLeads", {"objects": [{"id": FIRST}]})
        return told, await wire.status()

    told, status = ask(question)

    assert told == {"leads": [FIRST]}
    assert (status["changes_unsaid"], status["leads_unheard"]) == (1, 0)


def test_all_may_be_lost(after):
    heard, status, _, _ = after(many, leads=20, pushing=Pushing(lost=1, **QUICK))

    assert (heard, status["leads_lost"], status["leads_pushed"]) == ([], 2000, 0)
