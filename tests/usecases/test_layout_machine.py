"""However often the intake is spread anew, whoever knows an old layout, is killed or comes late: no lead is lost, and
each lead's order is kept."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from drain_support import Reports
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from hookrouter.clock import SystemClock
from hookrouter.domain.handing import Handed
from hookrouter.domain.hours import ALWAYS
from hookrouter.domain.ids import LeadKey, PushId, SinkName, SourceName
from hookrouter.domain.layout import INTAKE, Layout, Spread, place_in
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.push import Batch, Push
from hookrouter.ports.stages import Stage
from hookrouter.ports.streams import HydratedEntries, IntakeEntry, RoutedEntries
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.backlog import RedisBacklog
from hookrouter.store.intake import RedisIntake
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.leases import Leases
from hookrouter.store.moving import OutboxMover
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.retention import KeptFor
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead
from hookrouter.usecases.keep_layout import KeepLayout
from hookrouter.wire.kept.records import read_delivery, write_hydrating, write_intake

CRM, SALES = SourceName("crm"), SinkName("sales")
DAY = timedelta(days=1)
BY_ID = [LeadKey(str(number)) for number in (1, 2)]
READ_BACK = [LeadKey(str(number)) for number in (7,)]
"""They come by another way only, for two ways have no common order."""
MOST_ROUNDS = 100
"""In which all must be over, once nobody is killed any more."""
one_of_two = st.integers(0, 1)
wishes = st.sampled_from([1, 2, 3, 4, 6, 8])


@dataclass
class InHand:
    """What a router read and has not committed."""

    intake: RedisIntake
    entries: Sequence[IntakeEntry]


@dataclass
class Process:
    """One process, with what it knows of the layout, and settings that need not be those of others."""

    server: RedisServer
    store: AsyncRedisServer
    keys: Keys
    partitions: int
    in_hand: InHand | None = None
    layouts: Layouts = field(init=False)

    def __post_init__(self) -> None:
        self.layouts = Layouts(self.keys, self.partitions)
        self.log = RedisPushLog(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            dedup_window=DAY,
            keep_pushes=DAY,
            keep_rejected=DAY,
        )
        self.backlog = RedisBacklog(
            server=self.server,
            keys=self.keys,
            layouts=self.layouts,
            kept=KeptFor(pushes=DAY, deliveries=DAY, dead=DAY, rejected=DAY),
            policies=lambda _: SinkPolicy(),
            hours=lambda: ALWAYS,
            reconciled=lambda: None,
            watched=lambda: None,
        )
        self.leases = Leases(
            server=self.store,
            keys=self.keys,
            token=uuid4().hex,
            layouts=self.layouts,
            keep_snapshots=DAY,
            keep_pushes=DAY,
            keep_rejected=DAY,
            keep_dead=DAY,
            policies=lambda _: SinkPolicy(),
            clock=SystemClock(),
            observer=Reports(),
        )

    async def take(self, choice: int, count: int) -> None:
        """Read some entries of one of the streams that may be served."""
        ready = self.backlog.intakes().ready
        if not ready:
            return
        intake = await self.leases.intake(*ready[choice % len(ready)])
        if intake is not None:
            self.in_hand = InHand(intake, await intake.read(count))

    async def commit(self) -> None:
        """Hand on what is in hand."""
        held, self.in_hand = self.in_hand, None
        if held is None or not held.entries:
            return
        deliveries = [
            a_delivery(change=a_change(lead=lead), occasion=occasion)
            for entry in held.entries
            for occasion, lead in zip(entry.occasions, entry.leads, strict=True)
        ]
        routed = RoutedEntries(
            entries=[entry.id for entry in held.entries],
            begun=None,
            snapshots={},
            before={},
            handed=Handed(deliveries=deliveries),
            pending=[],
            rejected=[],
        )
        await held.intake.commit(routed)
        await held.intake.release()

    async def read_back(self) -> None:
        """Put what was read back into the intake."""
        hydrator = await self.leases.hydrator()
        if hydrator is None:
            return
        entries = await hydrator.gather(10)
        leads = [pair for entry in entries for pair in zip(entry.occasions, entry.leads, strict=True)]
        if entries:
            await hydrator.commit(
                HydratedEntries(entries=[entry.id for entry in entries], leads=leads, rejected=[], again=[])
            )
        await hydrator.release()


def delivered(server: RedisServer, keys: Keys) -> dict[LeadKey, list[PushId]]:
    """The pushes by which a sink is told of each lead, in its order."""
    found = defaultdict[LeadKey, list[PushId]](list)
    for _, fields in server.call("XRANGE", keys.outbox(SALES), "-", "+"):
        delivery = read_delivery(fields[b"r"])
        found[delivery.lead_key].append(delivery.push)
    return found


def decider(server: RedisServer, keys: Keys, wishes: Callable[[], Mapping[str, int]]) -> KeepLayout:
    """A scheduler that has just started."""
    mover = OutboxMover(server=server, keys=keys, clock=SystemClock())
    book = RedisLayoutBook(server=server, keys=keys, layouts=Layouts(keys, 4), mover=mover)
    return KeepLayout(book=book, wishes=wishes, clock=SystemClock(), observer=Reports())


class LayoutMachine(RuleBasedStateMachine):
    """Pushes, changes and deaths over processes that know what they last read."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.keys = Keys(f"t{uuid4().hex[:12]}")
        self.server, self.store = RedisServer(self.url), AsyncRedisServer(self.url)
        self.processes = [self.process(4), self.process(7)]
        self.wish, self.count = 4, 0
        self.pushed = defaultdict[LeadKey, list[PushId]](list)
        self.late: Layout | None = None
        self.deciders = [self.decider(), self.decider()]

    def process(self, partitions: int) -> Process:
        return Process(self.server, self.store, self.keys, partitions)

    def decider(self) -> KeepLayout:
        return decider(self.server, self.keys, lambda: {INTAKE: self.wish})

    def do(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    def name(self) -> PushId:
        self.count += 1
        return PushId(f"p_{self.count:06}")

    @rule(by=one_of_two, leads=st.lists(st.sampled_from(BY_ID), min_size=1, max_size=3))
    def a_push_comes(self, by: int, leads: list[LeadKey]) -> None:
        push = Push(id=self.name(), source=CRM, received_at=RECEIVED_AT, body=str(self.count).encode(), headers={})
        batch = Batch(accepted=[(place, a_lead(id=lead)) for place, lead in enumerate(leads)], rejected=[])
        self.processes[by].log.accept(push, batch)
        for lead in leads:
            self.pushed[lead].append(push.id)

    @rule(lead=st.sampled_from(READ_BACK))
    def a_lead_is_to_be_read_back(self, lead: LeadKey) -> None:
        push = self.name()
        record = write_hydrating(push, CRM, RECEIVED_AT, [(0, a_lead(id=lead))], prove=False)
        self.server.call("XADD", self.keys.hydrate(), "*", "r", record)
        self.pushed[lead].append(push)

    @rule(by=one_of_two)
    def leads_are_read_back(self, by: int) -> None:
        self.do(self.processes[by].read_back())

    @rule(by=one_of_two, choice=st.integers(0, 7), count=st.integers(1, 4))
    def a_router_reads(self, by: int, choice: int, count: int) -> None:
        if self.processes[by].in_hand is None:
            self.do(self.processes[by].take(choice, count))

    @rule(by=one_of_two, choice=st.integers(0, 7))
    def a_router_routes(self, by: int, choice: int) -> None:
        if self.processes[by].in_hand is None:
            self.do(self.processes[by].take(choice, 4))
        self.do(self.processes[by].commit())

    @rule(by=one_of_two)
    def a_router_commits(self, by: int) -> None:
        self.do(self.processes[by].commit())

    @precondition(lambda self: any(each.in_hand for each in self.processes))
    @rule(by=one_of_two)
    def a_lease_runs_out_unseen(self, by: int) -> None:
        if (held := self.processes[by].in_hand) is not None:
            self.server.call("DEL", held.intake.lease.key)

    @rule(by=one_of_two, partitions=wishes)
    def a_process_is_killed_and_another_starts(self, by: int, partitions: int) -> None:
        self.a_lease_runs_out_unseen(by)
        self.processes[by] = self.process(partitions)

    @rule(by=one_of_two, wish=wishes)
    def the_operator_wants_another_number(self, by: int, wish: int) -> None:
        self.wish = wish
        self.deciders[by].run()

    @rule(by=one_of_two)
    def the_scheduler_looks(self, by: int) -> None:
        self.deciders[by].run()

    @rule()
    def a_scheduler_reads_and_stands_still(self) -> None:
        self.late = self.deciders[0].book.read()

    @rule()
    def it_goes_on_where_it_was(self) -> None:
        if self.late is not None:
            over = [name for name, each in self.late.changing.items() if self.deciders[0].book.is_over(name, each)]
            self.deciders[0].book.swap(self.late, self.late.settled(over).toward({INTAKE: self.wish}))

    @rule(dice=st.integers(1, 6))
    def redis_is_emptied(self, dice: int) -> None:
        if dice != 6:
            return
        if names := self.server.call("KEYS", f"{self.keys.prefix}:*"):
            self.server.call("DEL", *names)
        self.pushed.clear()

    def is_over(self) -> bool:
        """Whether all that came was told of, in its order, and all is as the operator wants it."""
        layout = self.deciders[1].book.read()
        is_settled = (layout.intake.streams, layout.changing) == (self.wish, {})
        return is_settled and self.delivered() == {lead: pushes for lead, pushes in self.pushed.items() if pushes}

    def delivered(self) -> dict[LeadKey, list[PushId]]:
        return delivered(self.server, self.keys)

    @invariant()
    def each_lead_is_told_of_in_its_order(self) -> None:
        for lead, pushes in self.delivered().items():
            assert pushes == self.pushed[lead][: len(pushes)]

    @invariant()
    def nothing_waits_where_nobody_looks(self) -> None:
        known = set(self.processes[0].layouts.read(self.server).layout.intakes)
        for name in self.server.call("KEYS", f"{self.keys.prefix}:intake:*"):
            place = place_in(name.decode().removeprefix(f"{self.keys.prefix}:intake:"))
            assert place is None or place in known or not self.server.call("XLEN", name)  # None is a lease

    def teardown(self) -> None:
        for each in range(2):
            self.a_lease_runs_out_unseen(each)
            self.processes[each].in_hand = None
        for _ in range(MOST_ROUNDS):
            if self.is_over():
                break
            self.do(self.processes[0].read_back())
            self.do(self.processes[1].take(0, 50))
            self.do(self.processes[1].commit())
            self.deciders[1].run()
        assert self.is_over()
        self.do(self.store.close())
        self.server.client.close()
        self.loop.close()


def agree(url: str, *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        type("OnThisServer", (LayoutMachine,), {"url": url}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_change_loses_a_lead_or_its_order(valkey: Any) -> None:
    agree(valkey.url, examples=30, steps=30)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_thousands_of_steps_lose_no_lead_and_no_order(valkey: Any) -> None:
    agree(valkey.url, examples=200, steps=50)


async def test_what_an_earlier_version_left_over_another_number_of_streams_is_told_first(
    async_server: AsyncRedisServer, server: RedisServer, keys: Keys
) -> None:
    leads, before, now = [LeadKey(str(number)) for number in range(20)], PushId("p_1"), PushId("p_2")
    for lead in leads:
        stream = keys.intake(*Spread(6).place_of((CRM, lead)))
        server.call("XADD", stream, "*", "r", write_intake(before, CRM, RECEIVED_AT, [(0, a_lead(id=lead))]))
    process = Process(server, async_server, keys, 4)
    batch = Batch(accepted=[(place, a_lead(id=lead)) for place, lead in enumerate(leads)], rejected=[])
    process.log.accept(Push(id=now, source=CRM, received_at=RECEIVED_AT, body=b"", headers={}), batch)

    while ready := process.backlog.intakes().ready:
        await process.take(len(ready) - 1, 100)
        await process.commit()

    assert delivered(server, keys) == {lead: [before, now] for lead in leads}
    assert process.backlog.depth(Stage.ROUTE) == 0


async def test_what_a_process_of_an_earlier_version_still_puts_elsewhere_is_served(
    async_server: AsyncRedisServer, server: RedisServer, keys: Keys
) -> None:
    process = Process(server, async_server, keys, 4)
    decider(server, keys, lambda: {INTAKE: 2}).run()
    record = write_intake(PushId("p_1"), CRM, RECEIVED_AT, [(0, a_lead(id="1"))])
    server.call("XADD", keys.intake(7), "*", "r", record)

    decider(server, keys, lambda: {INTAKE: 2}).run()
    await process.take(0, 1)
    await process.commit()

    assert delivered(server, keys) == {LeadKey("1"): [PushId("p_1")]}
