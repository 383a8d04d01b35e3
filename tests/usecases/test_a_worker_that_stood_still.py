"""A worker that was frozen amid attempts for longer than its lease lasts sends nothing that it had not sent by then."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import pytest
from drain_support import SALES, Scene, ScriptedSink, many, of_lead

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.events import DeliveryAttempted
from hookrouter.domain.outcome import Outcome
from hookrouter.net.answers import exchange
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.sinks import Message
from hookrouter.store import lease
from hookrouter.testing.far_side import FarSide
from hookrouter.testing.sinks import ENOUGH, LOOPBACK

AT_ONCE = 12
"""Enough failures to open a circuit."""


@dataclass
class Thawing(SystemClock):
    """The clock of a worker that stands still now and then."""

    ahead: float = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@dataclass
class FreezingSink(ScriptedSink):
    """An HTTP API; the worker is frozen once, when it had begun attempts and had yet to send their requests."""

    url: str = ""
    session: aiohttp.ClientSession | None = None
    clock: Thawing = field(default_factory=Thawing)
    freezes_for: float = 0.0

    async def send(self, delivery: Delivery, _message: Message) -> Outcome:
        assert self.session is not None
        await asyncio.sleep(0.05)  # the others begin meanwhile
        self.clock.ahead += self.freezes_for
        self.freezes_for = 0.0
        name = {"webhook-id": delivery.id}
        return await exchange(
            self.session, method="POST", url=self.url, headers=name, body=b"{}", timeout=ENOUGH, clock=self.clock
        )


@pytest.mark.parametrize("seconds", [5.0, 20.0], ids=["while its lease lasts", "beyond its lease"])
async def test_what_it_had_not_sent_waits_until_it_has_the_lease_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    scene.clock = clock = Thawing()
    monkeypatch.setattr(lease, "CLOCK", clock)
    await scene.put(*(of_lead(push, lead=push) for push in many(AT_ONCE)))
    async with FarSide() as far, open_session(EgressGuard(LOOPBACK)) as session:
        scene.sink = FreezingSink(url=far.url, session=session, clock=clock, freezes_for=seconds)
        await scene.drain()
        sent, circuit = len(far.received), await scene.server.call("EXISTS", scene.keys.circuit(SALES))
        await scene.let_retries_come_due()
        await scene.drain()

    outcomes = Counter((event.outcome, str(event.reason)) for event in scene.reports.of(DeliveryAttempted))
    late = 0 if seconds < lease.LEASE_LIFE.total_seconds() else AT_ONCE
    assert sent == AT_ONCE - late
    assert outcomes == Counter({("delivered", ""): AT_ONCE, ("retry", "timeout"): late})
    assert len(far.received) == AT_ONCE
    assert circuit == 0, "the far side is not to blame"
    assert await scene.counts() == (0, 0)


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system has one clock for both")
def test_leases_go_by_a_clock_that_goes_on_while_the_machine_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(time, "clock_gettime", lambda clock: asked.append(clock) or 1.0)

    assert lease.CLOCK.monotonic() == 1.0

    monkeypatch.undo()
    assert asked == [time.CLOCK_BOOTTIME]
