"""A sink is to have other shards while one of its attempts hangs: all wait until that ends, or is broken off."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from drain_support import Scene, ScriptedSink, of_lead
from shards_support import Split

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.usecases.delivering import drain as draining


class HangingOnce(ScriptedSink):
    """Never answers the first time; by then the shards are to be others."""

    def __init__(self, split: Split) -> None:
        super().__init__()
        self._split = split
        self._has_hung = False

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        if not self._has_hung:
            self._has_hung = True
            self._split.begin(4)
            await asyncio.Event().wait()
        return await super().send(delivery, message)


async def test_it_is_broken_off_and_tried_again_by_the_shards_of_now(
    async_server: AsyncRedisServer, server: RedisServer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MOST_AWAITED", 0.2)
    monkeypatch.setattr(draining, "STANDING_EVERY", 0.05)
    split = Split(Scene(async_server, keys, policy=SinkPolicy(timeout=timedelta(minutes=5), concurrency=1)), server)
    split.scene.sink = sink = HangingOnce(split)
    pushes = [f"p_{number}" for number in range(8)]
    await split.put(*(of_lead(push, lead=push) for push in pushes))

    await split.drain()
    assert split.move()
    split.let_retries_come_due()
    await split.drain()

    assert sorted(sink.pushes) == pushes
    assert split.kept() == {}
