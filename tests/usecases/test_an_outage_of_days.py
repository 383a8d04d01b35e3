"""Three days without Slack, by a clock that is told: nobody is told "call now!" days late, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from drain_support import Said, Scene, ScriptedSink, of_lead
from follow_up_support import BEGIN, ToldServer, ToldTime

from hookrouter.domain.burst import Burst
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.order import Order
from hookrouter.domain.outcome import Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import Message
from hookrouter.store.commands import Argument, Command
from hookrouter.store.keys import Keys

LEADS = 40
FOUR_HOURS = timedelta(hours=4)
TICK = timedelta(minutes=30)
BACK = timedelta(days=3, hours=2)
"""Slack goes away after two hours, for three days."""


class DatingServer(ToldServer):
    """A told server whose streams and due times go by the told clock too."""

    async def call(self, *command: Argument) -> Any:
        return await super().call(*self._dated(command))

    async def call_all(self, commands: Sequence[Command]) -> list[Any]:
        return await super().call_all([self._dated(each) for each in commands])

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        given = list(self._dated(arguments))
        if script == "promote" and given[3] == "":
            given[3] = self._now()
        return await super().run(script, keys, given)

    def _dated(self, words: Sequence[Argument]) -> Any:
        dated = list(words)
        for place, word in enumerate(dated[:-2]):
            if word == "XADD" and dated[place + 2] == "*":
                dated[place + 2] = f"{self._now()}-*"
        return tuple(dated)

    def _now(self) -> int:
        return int(self.told.at.timestamp() * 1000)


@dataclass
class Slack(ScriptedSink):
    """Remembers what was told when: the leads, and whether they were told as missed."""

    said: list[tuple[datetime, list[tuple[str, str]]]] = field(default_factory=list)
    time: ToldTime = field(default_factory=ToldTime)

    @property
    def is_away(self) -> bool:
        """Whether nobody is there."""
        return timedelta(hours=2) <= self.time.at - BEGIN < BACK

    def digest_key(self, _delivery: Delivery) -> str:
        return ""

    def render_digest(self, _deliveries: Sequence[Delivery]) -> Message:
        return Said()

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        await super().send(delivery, message)
        if self.is_away:
            return Retry(reason=Reason.NETWORK)
        told = [(each.lead_key, each.late) for each in delivery.members or (delivery,)]
        self.said.append((self.time.at, [(str(lead), late) for lead, late in told]))
        return Delivered()


@pytest.fixture
async def days(valkey: Any, keys: Keys) -> AsyncIterator[Scene]:
    time, server = ToldTime(), DatingServer(valkey.url)
    server.told = time
    yield Scene(server, keys, sink=Slack(time=time), clock=time)
    await server.close()


async def live(scene: Scene, slack: Slack, until: timedelta, *, leads: int) -> list[tuple[str, datetime]]:
    """Let days pass: every half an hour a lead changes, one of so many in turn, and a drain comes."""
    pushed: list[tuple[str, datetime]] = []
    number = 0
    while slack.time.at - BEGIN < until:
        lead, now = str(number % leads), slack.time.at
        await scene.put(replace(of_lead(f"p_{number}", lead=lead), received_at=now))
        pushed.append((lead, now))
        await scene.drain()
        slack.time.at += TICK
        number += 1
    return pushed


@pytest.mark.parametrize("order", [pytest.param(Order.NONE, marks=pytest.mark.long), Order.LATEST])
async def test_what_is_late_is_told_together_and_what_is_news_by_itself(days: Scene, order: Order) -> None:
    days.policy = SinkPolicy(
        burst=Burst(over=20, per=timedelta(minutes=1)),
        expire_after=FOUR_HOURS,
        order=order,
        retry_for=timedelta(days=7),
    )
    slack = days.sink
    assert isinstance(slack, Slack)

    pushed = await live(days, slack, BACK + timedelta(hours=6), leads=LEADS)

    back = BEGIN + BACK
    unheard = [(lead, at) for lead, at in pushed if at >= BEGIN + timedelta(hours=2)]
    before = [told for at, told in slack.said if at < back]
    since = [told for at, told in slack.said if at >= back]
    alone = [told[0] for told in since if len(told) == 1 and not told[0][1]]
    missed = [told for told in since if any(late for _, late in told)]
    assert [late for told in before for _, late in told] == [""] * 4
    assert {lead for told in since for lead, _ in told} == {lead for lead, _ in unheard}
    assert len(missed) == 1
    assert not [lead for told in since for lead, late in told if not late and len(told) > 1]
    assert len(alone) >= 12  # those of the last six hours, and some that were news yet when Slack came back
    if order is Order.LATEST:
        assert len(missed[0]) == len(set(missed[0])) == LEADS
    else:
        assert sum(len(told) for told in since) == len(unheard)
    assert await days.counts() == (0, 0)
