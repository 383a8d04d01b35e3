"""Random sequences of calls, some of which meet a mishap: what the client made one believe, the simulator holds.

The belief follows from the client's answers alone. Answers are lost before and after the CRM did what was asked, writes
are answered with nothing, the day's calls are used up, people edit leads in the application, the CRM has its quirks.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from belief import COLOR, FIELDS, Belief, as_believed
from crm_line import ACCOUNT, SECRET, Line, Mishap, a_simulator, settle
from hypothesis import Phase, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hookrouter.crm import Client, CrmQuotaSpent
from hookrouter.crm.patience import Patience
from hookrouter.domain.html_entities import decoded
from hookrouter.domain.lead import text_of
from hookrouter.simulator.quirks import EventDetail, MembershipShape, Quirks
from hookrouter.simulator.refusals import Refused
from hookrouter.simulator.server import serving
from hookrouter.simulator.world import LISTS, lists_of
from hookrouter.simulator.written import Hand

ADDRESSES = strategies.sampled_from([f"{name}@example.com" for name in ("ada", "ADA", "bob", "Bob", "eve", "kai")])
TEXTS = strategies.sampled_from(["", "Buyer", "Smith & Sons", "a < b", "<", 'say "no"', "5 > 4", "Überlingen\n", "0"])
STATUSES = strategies.sampled_from(["open", "contact", "contactWithOpp", "no such status"])
VALUES = {
    "firstName": TEXTS,
    "companyName": TEXTS,
    "description": TEXTS,
    "title": strategies.one_of(TEXTS, strategies.none()),
    COLOR: TEXTS,
    "leadStatus": STATUSES,
    "active": strategies.booleans(),
}
CHANGE = strategies.one_of([strategies.tuples(strategies.just(name), each) for name, each in VALUES.items()])
CHANGES = strategies.lists(CHANGE, min_size=1, max_size=3).map(dict)
PLACES = strategies.integers(0, 5)
NEW_LEADS = strategies.builds(lambda address, changes: {"emailAddress": address, **changes}, ADDRESSES, CHANGES)
KNOWN = strategies.builds(lambda place, changes: {"id": place, **changes}, PLACES, CHANGES)
KNOWN_MOVED = strategies.builds(lambda place, lead: {"id": place, **lead}, PLACES, NEW_LEADS)
UNKNOWN = strategies.builds(lambda changes: {"id": "17", **changes}, CHANGES)
# Who gets another address is alone in the call: whom another object names by address may depend on it, and then a
# repeat does something else than the first try.
UPDATES = strategies.one_of(
    strategies.lists(strategies.one_of(KNOWN, NEW_LEADS, UNKNOWN), min_size=1, max_size=3),
    strategies.tuples(KNOWN_MOVED).map(list),
)
LOST, EMPTY, BROKEN, TODAY = Mishap.LOST, Mishap.EMPTY, Mishap.BROKEN, Mishap.TODAY
MISHAPS = strategies.sampled_from(
    [
        [],
        [],
        [LOST],
        [EMPTY],
        [BROKEN],
        [TODAY],
        [LOST, BROKEN],
        [BROKEN] * 2,
        [BROKEN] * 3,
        [LOST, TODAY],
        [EMPTY, BROKEN],
    ]
)
MAYBE = strategies.booleans()
QUIRKS = strategies.builds(
    Quirks,
    documented_keys=MAYBE,
    errors_on_top=MAYBE,
    call_counts=MAYBE,
    silent_cap=MAYBE,
    pseudo_leads=MAYBE,
    pseudo_leads_in_lists=MAYBE,
    range_pages=MAYBE,
    range_above_500=MAYBE,
    no_op_is_refused=MAYBE,
    typed_is_encoded=MAYBE,
    less_than_is_encoded=MAYBE,
    timeline_grouped=MAYBE,
    event_detail=strategies.sampled_from(EventDetail),
    memberships=strategies.sampled_from(MembershipShape),
)
"""What nobody knows of the real CRM, or only one has seen there: it may be the other way round."""
SOURCES = ["incomingCall", "formSubmit", "emailOpened"]


class ClientAndCrm(RuleBasedStateMachine):
    """One client of one simulator, over one line."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.began = datetime.now(UTC)
        self.seconds = 0

    @initialize(
        leads=strategies.sampled_from([0, 3, 3, 520]),
        tries=strategies.sampled_from([1, 3]),
        old=strategies.booleans(),
        quirks=strategies.one_of(strategies.just(Quirks()), QUIRKS),
    )
    def open(self, leads: int, tries: int, old: bool, quirks: Quirks) -> None:
        self.runner.run(self._open(leads, tries, old, quirks))

    async def _open(self, leads: int, tries: int, old: bool, quirks: Quirks) -> None:
        self.simulator = await self.stack.enter_async_context(serving(a_simulator(0, quirks)))
        settle(self.simulator, leads)
        self.line = await self.stack.enter_async_context(Line(self.simulator.url).open())
        version: Any = {"version": "v1", "timezone": "America/New_York"} if old else {"version": "v1.2"}
        url = f"{self.line.url}/{version['version']}/"
        keys = {"account_id": ACCOUNT, "secret_key": SECRET}
        self.crm = await self.stack.enter_async_context(Client(url=url, calls_a_second=1e9, **keys, **version))
        assert self.crm._client is not None
        self.crm._client._patience = Patience(tries=tries, first_pause=0.0001)
        self.belief = Belief(self.crm)
        async for lead in self.crm.all_leads():
            self.belief.learn(lead)

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @rule(given=strategies.lists(NEW_LEADS, min_size=1, max_size=3), mishaps=MISHAPS)
    def create(self, given: list[dict[str, Any]], mishaps: list[Mishap]) -> None:
        async def write() -> None:
            results = await self._written(self.crm.create_leads(given), mishaps)
            told = list(zip(given, results, strict=True)) if results else []
            # Who was created counts first: what is read back is as all objects together left it.
            for one, result in sorted(told, key=lambda each: not each[1].success):
                await self.belief.created(one, result)

        self.runner.run(write())

    @rule(
        given=UPDATES,
        strict=strategies.booleans(),
        mishaps=MISHAPS,
    )
    def update(self, given: list[dict[str, Any]], strict: bool, mishaps: list[Mishap]) -> None:
        named = [self._named(one) for one in given]

        async def write() -> None:
            update = self.crm.update_leads_v2 if strict else self.crm.update_leads
            results = await self._written(update(named), mishaps)
            for one, result in zip(named, results, strict=True) if results else ():
                await self.belief.updated(one, result, strict=strict)

        self.runner.run(write())

    @rule(places=strategies.lists(PLACES, min_size=1, max_size=2), mishaps=MISHAPS)
    def delete(self, places: list[int], mishaps: list[Mishap]) -> None:
        ids = ["17", *dict.fromkeys(self.belief.place(place) for place in places)]

        async def write() -> None:
            results = await self._written(self.crm.delete_leads(ids), mishaps)
            for one, result in zip(ids, results, strict=True) if results else ():
                await self.belief.deleted(one, result)

        self.runner.run(write())

    @rule(places=strategies.lists(PLACES, min_size=1, max_size=3), mishaps=MISHAPS)
    def log_calls(self, places: list[int], mishaps: list[Mishap]) -> None:
        self.seconds += 1
        at = datetime(2026, 3, 4, 15, tzinfo=UTC) + timedelta(seconds=self.seconds)
        calls = [
            {"userID": "1", "leadID": self.belief.place(place), "direction": "incoming", "createTimestamp": at}
            for place in places
        ]

        async def write() -> None:
            results = await self._written(self.crm.log_calls(calls), mishaps)
            for call, result in zip(calls, results, strict=True) if results else ():
                await self.belief.logged({**call, "createTimestamp": f"{at:%Y-%m-%d %H:%M:%S}"}, result)

        self.runner.run(write())

    async def _written(self, write: Any, mishaps: list[Mishap]) -> Any:
        """The results of a write; None if it was surely not made."""
        self.line.mishaps = [*mishaps]
        results = None
        with suppress(CrmQuotaSpent):  # raised only if nothing was written
            results = await write
        self.line.mishaps.clear()
        assert mishaps or all(result.is_known for result in results or ())
        return results

    def _named(self, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "id": self.belief.place(given["id"])} if isinstance(given.get("id"), int) else given

    @rule(place=PLACES, changes=CHANGES.filter(lambda changes: changes.get("leadStatus") != "no such status"))
    def somebody_edits(self, place: int, changes: dict[str, Any]) -> None:
        """What a person types is learnt by asking for what changed."""
        lead = self.simulator.book.by_id(self.belief.place(place))
        typed = {name: value for name, value in changes.items() if value is not None and name != "active"}

        async def edit_and_catch_up(lead_id: str) -> None:
            with suppress(Refused):  # it is so already
                self.simulator.book.update({"id": lead_id, **typed}, hand=Hand.TYPED)
            span = self.began - timedelta(seconds=5), datetime.now(UTC) + timedelta(minutes=1)
            seen = [each async for each in self.crm.get_leads_date_range(*span)]
            assert all(each.updated_at and span[0] <= each.updated_at <= span[1] for each in seen)
            is_hidden = self.belief.leads[lead_id]["active"] == "0"  # ranges leave inactive leads out
            for each in [*seen, *(await self.crm.get_leads(ids=[lead_id]) if is_hidden else [])]:
                self.belief.learn(each)

        if lead is not None:
            self.runner.run(edit_and_catch_up(lead["id"] or ""))

    @rule(place=PLACES)
    def read_one(self, place: int) -> None:
        async def read() -> None:
            lead_id = self.belief.place(place)
            lead = await self.crm.get_lead(lead_id)
            believed = self.belief.leads.get(lead_id)
            assert (lead and as_believed(lead.fields)) == believed
            if believed:
                found = await self.crm.get_leads(emails=[believed["emailAddress"].swapcase()], only=FIELDS)
                assert [as_believed(each.fields) for each in found] == [believed]

        self.runner.run(read())

    @rule()
    def read_all(self) -> None:
        async def read() -> None:
            told = {lead.id: as_believed(lead.fields) async for lead in self.crm.all_leads()}
            assert told == {each: lead for each, lead in self.belief.leads.items() if lead["active"] == "1"}

        self.runner.run(read())

    @rule(place=PLACES)
    def read_history(self, place: int) -> None:
        async def read() -> None:
            lead = self.belief.place(place)
            if lead not in self.belief.leads:
                return
            happened = self.simulator._api.world.timelines.of_lead(lead)
            timeline = [event async for event in self.crm.get_lead_timeline(lead)]
            by_type = [event async for event in self.crm.get_events_by_type(SOURCES, lead_id=lead)]
            assert Counter(event.source for event in timeline) == Counter(event.source for event in happened)
            assert Counter(event.source for event in by_type) == Counter(
                event.source for event in happened if event.source in SOURCES
            )
            calls = Counter(f"{event.at:%Y-%m-%d %H:%M:%S}" for event in timeline if event.source == "incomingCall")
            assert calls == {at: count for (who, at), count in self.belief.calls.items() if who == lead and count}

        self.runner.run(read())

    @rule(places=strategies.lists(PLACES, max_size=3))
    def read_lists(self, places: list[int]) -> None:
        ids = [lead for lead in map(self.belief.place, places) if lead in self.belief.leads]
        told = self.runner.run(self.crm.get_lead_list_memberships(ids))

        assert told == {lead: [LISTS[each] for each in lists_of(lead)] for lead in ids}

    @rule(number=strategies.integers(0, 3))
    def subscribe(self, number: int) -> None:
        url = f"http://127.0.0.1:9/{number}"

        assert self.runner.run(self.crm.subscribe_to_lead_updates(url))
        assert url in self.simulator.pushes.urls

    @invariant()
    def the_simulator_holds_what_is_believed(self) -> None:
        held = {text_of(lead["id"]): as_believed(decoded(lead)) for lead in self.simulator.book}
        assert held == self.belief.leads


def run(examples: int, steps: int) -> None:
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[each for each in Phase if each is not Phase.explain],
    )
    run_state_machine_as_test(ClientAndCrm, settings=profile)


@pytest.mark.timeout(240)
def test_what_the_client_makes_one_believe_the_simulator_holds() -> None:
    run(12, 25)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_what_the_client_makes_one_believe_the_simulator_holds_at_length() -> None:
    run(150, 40)
