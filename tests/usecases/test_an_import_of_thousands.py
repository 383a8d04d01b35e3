"""An import of 5,000 leads in one minute: few calls to Slack, none too soon, and no lead missing from what was said."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from drain_support import SALES, Scene, of_lead

from hookrouter.domain.burst import Burst
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Layout
from hookrouter.domain.policy import SinkPolicy
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.sinks import Sink
from hookrouter.sinks.slack import SINK
from hookrouter.store.intake import put_in_outboxes
from hookrouter.testing.far_side import FarSide
from hookrouter.testing.sinks import LOOPBACK, a_sink, sink_tools

LEADS = 5000
OVER = 20
MOST_CALLS = 25


@dataclass
class Channel:
    """A channel of Slack's that takes so many messages a second, and answers 429 to the others."""

    rate: float
    said: list[dict[str, object]] = field(default_factory=list)
    refused: int = 0
    tokens: float = 1.5
    at: float = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        now = time.monotonic()
        self.tokens = min(1.5, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            self.refused += 1
            return web.Response(status=429, text="ratelimited", headers={"Retry-After": "1"})
        self.tokens -= 1
        self.said.append(json.loads(await request.text()))
        return web.Response(text="ok")

    @property
    def texts(self) -> list[str]:
        return [str(message["text"]) for message in self.said]


@dataclass
class TheSink:
    """Finds the one sink."""

    sink: Sink

    def find(self, _sink: SinkName, _route: str) -> Sink:
        return self.sink


@pytest.fixture
async def slack(scene: Scene) -> AsyncIterator[Callable[[float], Awaitable[Channel]]]:
    """A Slack sink as the configuration builds it, at a rate, and the channel that it posts to."""
    far = FarSide()
    session = open_session(EgressGuard(LOOPBACK))

    async def begin(rate: float) -> Channel:
        channel = Channel(rate=rate)
        far.answering = channel.answer
        sink = a_sink(SINK, sink_tools(session=lambda: session), webhook_url=f"{far.url}/services/T0/B0/x")
        scene.policy = SinkPolicy(
            burst=Burst(over=OVER, per=timedelta(minutes=1)), rate_limit=rate, rate_place="#deals"
        )
        scene.sink = TheSink(sink)  # type: ignore[assignment] - what a drain asks of it is `find`
        return channel

    async with far:
        yield begin
        await session.close()


def imported(number: int, *, at_once: bool) -> Delivery:
    push = f"p_{number // 500}" if at_once else f"p_{number}"
    lead = of_lead(push, lead=str(number), firstName=f"N{number}", createTimestamp=f"2026-11-27 10:{number % 60:02}:00")
    return replace(
        lead,
        event=LeadEvent.CREATED if at_once else LeadEvent.UPDATED,
        received_at=datetime.now(UTC),
        id=f"d_{number}",
    )


async def bring(scene: Scene, leads: Sequence[Delivery]) -> None:
    await scene.server.call_all(list(put_in_outboxes(scene.keys, Layout(), leads)))


async def a_minute_passes(scene: Scene) -> None:
    """As if what waits to be gathered had waited for a minute; its entries keep their order."""
    stream = scene.keys.outbox(SALES)
    found = await scene.server.call("XRANGE", stream, "-", "+")
    if not found:
        return
    moved = []
    for entry, fields in found:
        milliseconds, _, sequence = entry.decode().partition("-")
        moved.append(("XADD", f"{stream}:aged", f"{int(milliseconds) - 61_000}-{sequence}", "r", fields[b"r"]))
    await scene.server.call_all([*moved, ("RENAME", f"{stream}:aged", stream)])


def counted(channel: Channel) -> int:
    """How many leads the channel was told of: one by each message of one lead, and as many as a summary says."""
    summaries = [re.match(r"([\d,]+) more leads? at once", text) for text in channel.texts]
    return sum(int(found[1].replace(",", "")) if found else 1 for found in summaries)


@pytest.mark.parametrize("at_once", [True, False], ids=["in ten pushes", "in as many pushes as leads"])
@pytest.mark.parametrize(
    "rate", [pytest.param(1.0, marks=pytest.mark.long, id="1/s"), pytest.param(10.0, id="ten times as fast")]
)
async def test_it_makes_few_messages_none_too_soon_and_tells_of_every_lead(
    scene: Scene, slack: Callable[[float], Awaitable[Channel]], rate: float, at_once: bool
) -> None:
    channel = await slack(rate)

    for part in range(5):  # over a minute, a thousand every twelve seconds
        leads = [imported(number, at_once=at_once) for number in range(part * 1000, part * 1000 + 1000)]
        await bring(scene, leads)
        await scene.drain()
    await a_minute_passes(scene)
    await scene.drain()

    assert counted(channel) == LEADS
    assert len(channel.said) <= MOST_CALLS
    assert channel.refused == 0
    assert await scene.counts() == (0, 0)
    assert len(channel.said) - OVER <= 2 if not at_once else len(channel.said) <= 2


async def test_a_lead_that_somebody_types_in_meanwhile_rings_by_itself(
    scene: Scene, slack: Callable[[float], Awaitable[Channel]]
) -> None:
    channel = await slack(10.0)

    await bring(scene, [imported(number, at_once=True) for number in range(1000)])
    await bring(scene, [of_lead("p_by_hand", lead="by-hand", firstName="Zoe")])
    await scene.drain()

    assert ["Zoe" in text for text in channel.texts] == [True]
