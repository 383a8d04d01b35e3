"""However often a sink's shards are changed, whoever knows an old layout or is killed, whatever waits for whatever: no
delivery is lost, and each lead is told of in its order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from drain_support import AWAY, SALES, Killed, Scene, of_lead, pause
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from shards_support import OUTBOX, Dying, Split

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId
from hookrouter.domain.layout import Place, Spread
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.policy import SinkPolicy
from hookrouter.store import moving
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.lease import take_lease
from hookrouter.store.outbox import RedisOutbox
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import put_in_outboxes
from hookrouter.store.shard import Shard

LEADS = 3
MOST_ROUNDS = 60
"""In which all must be over, once nothing fails any more."""
one_of_two = st.integers(0, 1)
leads = st.integers(0, LEADS - 1)
PAUSES = st.sampled_from([f"sink:{SALES}", "route:hot-lead"])


class ShardMachine(RuleBasedStateMachine):
    """Deliveries come, fail, are held and are moved."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.keys = Keys(f"t{uuid4().hex[:12]}")
        self.server, self.store = RedisServer(self.url), AsyncRedisServer(self.url)
        scene = Scene(self.store, self.keys, SinkPolicy(order=Order.STRICT))
        scene.sink.script = self.answer
        self.split = Split(scene, self.server)
        self.processes = [Layouts(self.keys, 1), Layouts(self.keys, 1)]
        self.count = 0
        self.put = defaultdict[str, list[str]](list)
        self.told = defaultdict[str, dict[str, None]](dict)
        self.names = dict[str, DeliveryId]()
        self.failing = set[str]()
        self.late: tuple[RedisLayoutBook, Spread] | None = None

    def do(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    def answer(self, delivery: Delivery) -> Outcome:
        if delivery.who[1] in self.failing:
            return AWAY
        self.told[delivery.who[1]][delivery.push] = None
        return Delivered()

    @rule(by=one_of_two, some=st.lists(leads, min_size=1, max_size=5))
    def deliveries_come(self, by: int, some: list[int]) -> None:
        for lead in some:
            self.count += 1
            delivery = of_lead(f"p_{self.count:06}", lead=str(lead))
            self.put[str(lead)].append(delivery.push)
            self.names[delivery.push] = delivery.id
            self.do(self._put(self.processes[by], delivery))

    async def _put(self, layouts: Layouts, delivery: Delivery) -> None:
        lease = await take_lease(self.store, self.keys, self.keys.hydrate(), "router")
        assert lease is not None
        assert await layouts.write(lease, lambda layout: put_in_outboxes(self.keys, layout, [delivery]))

    @rule(some=st.lists(leads, min_size=1, max_size=3))
    def an_earlier_release_adds(self, some: list[int]) -> None:
        """To the one outbox that it knows; leads of its own, for what comes late has no order with the rest."""
        for lead in some:
            self.count += 1
            delivery = of_lead(f"p_{self.count:06}", lead=f"old-{lead}")
            self.put[f"old-{lead}"].append(delivery.push)
            self.names[delivery.push] = delivery.id
            self.split.an_earlier_release_adds(delivery)

    @rule()
    def what_came_late_is_found(self) -> None:
        self.split.reopen()

    @rule(by=one_of_two, choice=st.integers(0, 7), settles=st.integers(0, 12))
    def a_shard_is_served(self, by: int, choice: int, settles: int) -> None:
        """By the layout that a process knows, perhaps an old one; and it may be killed before it settles."""
        places = self.processes[by].known(self.server).layout.outbox(SALES).own
        self.do(self._serve(places[choice % len(places)], settles, self.processes[by]))

    async def _serve(self, place: Place, settles: int, layouts: Layouts) -> None:
        left = settles

        class Mortal(RedisOutbox):
            async def settle(self, *settled: Any, **more: Any) -> bool:
                nonlocal left
                left -= 1
                if settles < 5 and left < 0:
                    raise Killed
                return await super().settle(*settled, **more)

        shard = Shard(self.keys, SALES, place)
        lease = await take_lease(self.store, self.keys, shard.outbox, "drain")
        assert lease is not None
        scene = self.split.scene
        outbox = Mortal(
            lease=lease,
            keys=self.keys,
            layouts=layouts,
            shard=shard,
            order=scene.policy.order,
            keep_dead=scene.policy.retry_for,
            observer=scene.reports,
        )
        with suppress(Killed):
            async with asyncio.timeout(30):
                await scene.deliver.drain(outbox, SALES, asyncio.Event())
        await self.store.call("DEL", lease.key)

    @rule(lead=leads)
    def its_far_side_fails(self, lead: int) -> None:
        self.failing.add(str(lead))

    @rule()
    def the_far_side_is_well(self) -> None:
        self.failing.clear()

    @rule()
    def time_passes(self) -> None:
        self.split.let_retries_come_due()
        self.do(self.split.scene.let_circuit_time_pass())

    @rule(name=PAUSES)
    def somebody_pauses(self, name: str) -> None:
        self.do(pause(self.split.scene, name))

    @rule()
    def somebody_resumes(self) -> None:
        self.server.call("DEL", self.keys.pauses())

    @rule(by=one_of_two, shards=st.integers(1, 4), some=st.lists(leads, min_size=1, max_size=5))
    def another_number_is_wanted(self, by: int, shards: int, some: list[int]) -> None:
        """And deliveries come before and after, by somebody who learns of it."""
        self.deliveries_come(by, some)
        book = self.split.book()
        was = book.read()
        now = was.toward({OUTBOX: shards})
        if now != was:
            assert book.swap(was, now)
        self.deliveries_come(by, some)

    @rule(steps=st.integers(0, 4), after=st.booleans())
    def whoever_moves_is_killed(self, steps: int, after: bool) -> None:
        dying = Dying(self.url)
        dying.left, dying.after = steps, after
        with suppress(Killed):
            self.split.move(self.split.book(dying))
        dying.client.close()
        for shard in self.split.shards:
            self.server.call("DEL", self.keys.lease(shard.outbox))

    @rule(steps=st.integers(0, 6), is_lease_lost=st.booleans())
    def two_move_at_once(self, steps: int, is_lease_lost: bool) -> None:
        """Each as far as it may: the second comes while the first is in the midst, and may take its lease for lost."""
        left = steps

        def another_comes() -> bool:
            nonlocal left
            left -= 1
            if left == 0:
                if is_lease_lost:
                    for shard in self.split.shards:
                        self.server.call("DEL", self.keys.lease(shard.outbox))
                self.split.move()
            return True

        for name, spread in self.split.layout.changing.items():
            self.split.book().move_on(name, spread, another_comes)

    @rule()
    def a_mover_reads_and_stands_still(self) -> None:
        book = self.split.book()
        spread = book.read().changing.get(OUTBOX)
        self.late = self.late if spread is None else (book, spread)

    @rule(shards=st.integers(1, 4))
    def a_failover_loses_a_change_that_a_mover_knows(self, shards: int) -> None:
        before = self.server.call("GET", self.keys.layout())
        if before is None or self.split.layout.changing or self.split.layout.outbox(SALES).streams == shards:
            return
        self.split.begin(shards)
        self.a_mover_reads_and_stands_still()
        self.server.call("SET", self.keys.layout(), before)

    @rule()
    def it_goes_on_by_what_it_read(self) -> None:
        if self.late is not None:
            book, spread = self.late
            book.move_on(OUTBOX, spread, lambda: True)

    @rule()
    def what_waits_is_moved(self) -> None:
        self.split.move()

    @invariant()
    def none_is_lost(self) -> None:
        kept = self.split.kept()
        for lead, pushes in self.put.items():
            for push in pushes:
                assert kept[self.names[push]] <= 1
                assert kept[self.names[push]] == 1 or push in self.told[lead]

    @invariant()
    def each_lead_is_told_of_in_its_order(self) -> None:
        for lead, told in self.told.items():
            assert list(told) == self.put[lead][: len(told)]

    def teardown(self) -> None:
        self.the_far_side_is_well()
        self.somebody_resumes()
        for _ in range(MOST_ROUNDS):
            if not self.split.kept() and not self.split.layout.changing:
                break
            self.split.reopen()
            self.split.move()
            self.time_passes()
            for place in self.split.layout.outbox(SALES).own:
                self.do(self._serve(place, 1000, Layouts(self.keys, 1)))
        assert not self.split.kept()
        assert {lead: list(told) for lead, told in self.told.items() if told} == dict(self.put)
        left = [name.decode() for name in self.server.call("KEYS", f"{self.keys.prefix}:*")]
        self.server.call("DEL", *left)
        self.do(self.store.close())
        self.server.client.close()
        self.loop.close()


def agree(url: str, *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        type("OnThisServer", (ShardMachine,), {"url": url}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_change_loses_a_delivery_or_its_order(valkey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    agree(valkey.url, examples=8, steps=20)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_thousands_of_steps_lose_no_delivery_and_no_order(valkey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    agree(valkey.url, examples=60, steps=40)
