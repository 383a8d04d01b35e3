"""What a sink leaves running sends nothing once its attempt has ended: the next may be under way."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
from drain_support import Scene, ScriptedSink, of_lead

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.net.answers import exchange
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.last_word import STILL_OURS, PassedOn
from hookrouter.ports.sinks import Message
from hookrouter.testing.far_side import FarSide
from hookrouter.testing.sinks import ENOUGH, LOOPBACK


@dataclass
class LeavingSink(ScriptedSink):
    """An HTTP API of whose sink a task and a thread live on when `send` has returned, or was cut off."""

    url: str = ""
    session: aiohttp.ClientSession | None = None
    is_cut_off: bool = False
    swallows_its_end: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    may_ask: threading.Event = field(default_factory=threading.Event)
    left: list[asyncio.Task[Outcome]] = field(default_factory=list)
    in_thread: list[asyncio.Task[bool]] = field(default_factory=list)

    async def send(self, delivery: Delivery, _message: Message) -> Outcome:
        if self.swallows_its_end:
            return await self.post_although_cancelled(delivery)
        within = asyncio.create_task(self.post(delivery))
        self.left.append(asyncio.create_task(self.post_later(delivery)))
        word = STILL_OURS.get()
        self.in_thread.append(asyncio.create_task(asyncio.to_thread(lambda: self.may_ask.wait(30) and word())))
        outcome = await within
        if self.is_cut_off:
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        return outcome

    async def post_although_cancelled(self, delivery: Delivery) -> Outcome:
        self.given.append(delivery)
        self.began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            try:
                return await self.post(delivery)
            finally:
                asyncio.get_running_loop().call_later(0.1, self.over.set)  # by then the next would have begun
        return Delivered()

    async def post_later(self, delivery: Delivery) -> Outcome:
        await self.go_on.wait()
        return await self.post(delivery)

    async def post(self, delivery: Delivery) -> Outcome:
        assert self.session is not None
        name, clock = {"webhook-id": delivery.id}, SystemClock()
        return await exchange(
            self.session, method="POST", url=self.url, headers=name, body=b"{}", timeout=ENOUGH, clock=clock
        )


@pytest.mark.parametrize("is_cut_off", [False, True], ids=["send returned", "send was cut off"])
async def test_neither_a_task_nor_a_thread_of_the_sinks_outlives_its_permission(scene: Scene, is_cut_off: bool) -> None:
    await scene.put(*(of_lead(push, lead=push) for push in ("p_1", "p_2")))
    async with FarSide() as far, open_session(EgressGuard(LOOPBACK)) as session:
        scene.sink = sink = LeavingSink(url=far.url, session=session, is_cut_off=is_cut_off)
        await scene.drain()
        sent = len(far.received)

        sink.go_on.set()
        sink.may_ask.set()
        late = await asyncio.gather(*sink.left, return_exceptions=True)
        words = await asyncio.gather(*sink.in_thread)

        assert sent == 2, "a task of its own may send within"
        assert [type(each) for each in late] == [PassedOn, PassedOn]
        assert words == [False, False]
        assert len(far.received) == sent
        assert isinstance(await sink.post(of_lead("p_3")), Delivered), "what is no attempt's may be sent"


async def test_nor_does_a_send_that_goes_on_when_its_drain_was_broken_off(scene: Scene) -> None:
    scene.policy = replace(scene.policy, concurrency=1)
    await scene.put(*(of_lead(push, lead=push) for push in ("p_1", "p_2")))
    async with FarSide() as far, open_session(EgressGuard(LOOPBACK)) as session:
        scene.sink = sink = LeavingSink(url=far.url, session=session, swallows_its_end=True)
        draining = asyncio.create_task(scene.drain())
        await sink.began.wait()
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)
        await sink.over.wait()

    assert far.received == []
    assert sink.pushes == ["p_1"], "nothing more is begun"
