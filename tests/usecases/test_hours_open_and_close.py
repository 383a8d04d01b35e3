"""Whatever opens, closes, fails and comes in between: a route's deliveries of a lead keep their order, none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from drain_support import AWAY, Scene, closed, of_lead
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.hours import ALWAYS
from hookrouter.domain.ids import RouteName
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import SinkPolicy
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.standing import keep_pause

DESK, URGENT = RouteName("hot-lead"), RouteName("urgent")
WORDS = ["open", "close", "pause", "resume", "fail", "mend", "drain", "drain", "due", "die 0", "die 1"]
puts = st.tuples(st.sampled_from(["1", "2"]), st.sampled_from([DESK, DESK, URGENT]))
Steps = Sequence[str | tuple[str, RouteName]]
one = ("1", DESK)


@pytest.mark.parametrize("order", Order)
@settings(max_examples=40, deadline=None)
@given(steps=st.lists(puts | st.sampled_from(WORDS), min_size=4, max_size=25))
@example(steps=["fail", one, one, "drain", "close", one, "due", "drain", "mend", one, "drain", "open", one])
@example(steps=["close", one, one, "drain", "fail", "open", one, "drain", "close", "due", one, "drain"])
def test_order_is_kept_and_nothing_is_lost(valkey: Any, order: Order, steps: Steps) -> None:
    taken, put = asyncio.run(play(valkey.url, order, steps))

    was_killed = any(str(step).startswith("die") for step in steps)
    arrived = [name(delivery) for delivery in taken]
    first = list(dict.fromkeys(arrived)) if was_killed else arrived  # who was killed may have sent what is sent again
    if order is not Order.LATEST:
        assert Counter(first) == Counter(put)
    if order is Order.STRICT or (order is Order.LATEST and not was_killed):
        sequences = by_route(first)
        assert all(numbers == sorted(set(numbers)) for numbers in sequences.values()), sequences
    if order is not Order.NONE:
        assert lasts(first if order is Order.STRICT else arrived) == lasts(put)


def by_route(names: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str], list[int]]:
    """The numbers of the pushes by lead and route, in their order."""
    sequences: dict[tuple[str, str], list[int]] = defaultdict(list)
    for push, lead, route in names:
        sequences[lead, route].append(int(push[2:]))
    return sequences


def lasts(names: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str], int]:
    return {who: numbers[-1] for who, numbers in by_route(names).items()}


def name(delivery: Delivery) -> tuple[str, str, str]:
    return delivery.push, delivery.lead_key, delivery.route


async def play(  # noqa: C901, PLR0912 - one case a step
    url: str, order: Order, steps: Steps
) -> tuple[list[Delivery], list[tuple[str, str, str]]]:
    """What the sink took, and what it was to take."""
    scene = Scene(AsyncRedisServer(url), Keys(f"t{uuid4().hex[:12]}"), policy=SinkPolicy(order=order, concurrency=2))
    taken: list[Delivery] = []
    put: list[tuple[str, str, str]] = []
    fails = False

    def answer(delivery: Delivery) -> Outcome:
        if fails:
            return AWAY
        taken.append(delivery)
        return Delivered()

    scene.sink.script = answer
    for place, step in enumerate([*steps, "open", "resume", "mend"]):
        match step:
            case "open":
                scene.hours = ALWAYS
            case "close":
                scene.hours = closed()
            case "pause":
                paused = Pause(by="ada", reason="", since=SystemClock().now())
                await scene.server.call(*keep_pause(scene.keys, f"route:{DESK}", paused))
            case "resume":
                await scene.server.call("DEL", scene.keys.pauses())
            case "fail" | "mend":
                fails = step == "fail"
            case "due":
                await scene.let_retries_come_due()
            case "drain":
                await scene.let_circuit_time_pass()
                await scene.drain()
            case str() as death if death.startswith("die"):
                if steps[:place].count(death) < 1:  # what kills again and again is given up
                    await scene.drain_until_killed(settles=int(death[-1]))
            case lead, route:
                put.append((f"p_{len(put)}", lead, route))
                await scene.put(of_lead(put[-1][0], lead=lead, route=route))
    for _ in range(len(put) + 2):  # each lets the next of its lead move up
        await scene.let_retries_come_due()
        await scene.let_circuit_time_pass()
        await scene.drain()
        if order is not Order.LATEST and set(put) <= set(map(name, taken)):
            break
    await scene.server.close()
    return taken, put
