"""People who press the Claim button of messages in a workspace, and the CRM whose leads they take."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from drain_support import Reports
from slack_workspace import TOKEN, SlackMessage, Workspace

from hookrouter.clock import SystemClock
from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.crm.objects import CrmObjectWrites
from hookrouter.domain.claim import Claimant
from hookrouter.domain.ids import LeadKey, SinkName, SourceName
from hookrouter.domain.outcome import Outcome
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.sinks import Sink
from hookrouter.simulator.people import OWNERS
from hookrouter.sinks.slack import SINK
from hookrouter.sinks.slack_chat import SlackChat
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.claim_book import RedisClaimBook
from hookrouter.store.claims import RedisClaimMemory, RedisClaims
from hookrouter.store.keys import Keys
from hookrouter.store.lease import take_lease
from hookrouter.store.living_messages import RedisLivingMessages
from hookrouter.store.server import RedisServer
from hookrouter.store.write_memory import RedisWriteMemory
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.crm import SimulatedCrm, simulated_crm
from hookrouter.testing.sinks import LOOPBACK, a_sink, sink_tools
from hookrouter.usecases.claiming.settle import SettleClaims
from hookrouter.usecases.claiming.take import TakeClicks
from hookrouter.usecases.write_back import WriteBack
from hookrouter.wire.slack.button import ButtonValue, write_button
from hookrouter.wire.slack.signature import sign

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SALES = SinkName("sales")
CRM = SourceName("crm")
ADA, BEN, EVE = "U02ADA", "U02BEN", "U02EVE"
ADAS, BENS, CEMS = OWNERS


class LaterClock(SystemClock):
    """A clock that can be put on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> Any:
        return super().now() + self.ahead


@dataclass
class Floor:
    """A sales floor: Ada and Ben are in a team, Eve is in none."""

    slack: Workspace
    server: RedisServer
    async_server: AsyncRedisServer
    keys: Keys
    session: Any
    crm: Any = None
    writer: WriteBack | None = None
    options: dict[str, Any] = field(default_factory=dict)
    clock: LaterClock = field(default_factory=LaterClock)
    reports: Reports = field(default_factory=Reports)

    @property
    def lead(self) -> str:
        return "718281920514" if self.crm is None else next(iter(self.crm.leads()))

    def owner(self) -> str | None:
        return self.crm.leads()[self.lead]["ownerID"]

    @property
    def messages(self) -> RedisLivingMessages:
        return RedisLivingMessages(server=self.async_server, keys=self.keys)

    @property
    def claims(self) -> RedisClaimMemory:
        return RedisClaimMemory(server=self.async_server, keys=self.keys)

    @property
    def sink(self) -> Any:
        tools = sink_tools(
            session=lambda: self.session, messages=self.messages, claims=self.claims, timeout=timedelta(seconds=5)
        )
        way = {"token": TOKEN, "channel": "#deals", "url": self.slack.url}
        return a_sink(SINK, tools, **way, **{"claim": True, "thread": "lead", **self.options})

    def find(self, _sink: SinkName, _route: str) -> Sink:
        return self.sink

    async def tell(self, push: str = "p_1", status: str = "qualified", **of: str) -> Outcome:
        change = a_change(lead=a_lead(id=self.lead, leadStatus=status))
        delivery = a_delivery(change=change, occasion=an_occasion(push=push), **of)
        return await self.sink.send(delivery, self.sink.render(delivery))

    @property
    def take(self) -> TakeClicks:
        return TakeClicks(
            book=RedisClaimBook(server=self.server, keys=self.keys),
            secrets=[SECRET],
            claimants={
                ADA: Claimant(owner=ADAS, name="Ada <Brown>"),
                BEN: Claimant(owner=BENS, name="Ben Cole"),
            },
            sinks={SALES, SinkName("managers")},
            sources={CRM},
            clock=self.clock,
            observer=self.reports,
        )

    def press(self, user: str, message: SlackMessage | None = None) -> bool:
        """Press the button that a person saw, as Slack tells of it; whether there is work."""
        return self.send(pressed(user, message or self.slack.first[0], self.value))

    @property
    def value(self) -> str:
        return write_button(ButtonValue(sink=SALES, source=CRM, lead=LeadKey(self.lead), place="#deals"))

    def send(self, body: bytes) -> bool:
        moment = str(int(self.clock.now().timestamp()))
        return self.send_signed(body, moment, sign(SECRET, moment, body))

    def send_signed(self, body: bytes, moment: str, signature: str) -> bool:
        """Post a request, as the web's door would pass it on."""
        self.take.admit(moment, signature)
        return self.take.take(body, moment, signature)

    def settle_of(self, **changed: Any) -> SettleClaims:
        parts = {
            "chat": SlackChat(sinks=self, messages=self.messages),
            "writer": self.writer,
            "clock": self.clock,
            "observer": self.reports,
            "should_stop": lambda: False,
        }
        return SettleClaims(**(parts | changed))

    async def open(self, kind: type[RedisClaims] = RedisClaims) -> RedisClaims:
        lease = await take_lease(self.async_server, self.keys, self.keys.clicks(), uuid4().hex)
        assert lease is not None
        return kind(lease=lease, keys=self.keys, observer=self.reports)

    async def settle(self) -> bool:
        """Do what is due; whether nothing waits."""
        claims = await self.open()
        is_done = await self.settle_of().drain(claims)
        await claims.release()
        return is_done

    async def waiting(self) -> int:
        return int(await self.async_server.call("XLEN", self.keys.clicks()))


def button_of(message: SlackMessage) -> dict[str, Any] | None:
    """The button that a message shows, if it does."""
    elements = [element for block in message.blocks for element in block.get("elements", [])]
    return next((element for element in elements if element.get("action_id") == "hookrouter_claim"), None)


def pressed(person: str, message: SlackMessage, value: str, **changed: Any) -> bytes:
    """What Slack posts when somebody presses a message's button."""
    shown = {"ts": message.ts, "text": message.text, "blocks": message.blocks}
    payload = {
        "type": "block_actions",
        "user": {"id": person, "username": "whoever", "team_id": "T0"},
        "trigger_id": uuid4().hex,
        "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
        "channel": {"id": message.channel, "name": "deals"},
        "message": {"type": "message", **shown},
        "response_url": "https://hooks.slack.com/actions/x",
        "actions": [{"action_id": "hookrouter_claim", "type": "button", "value": value}],
        **changed,
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


@asynccontextmanager
async def a_floor(
    server: RedisServer, async_server: AsyncRedisServer, keys: Keys, *, has_crm: bool = True
) -> AsyncIterator[Floor]:
    slack = Workspace()
    parts: dict[str, Any] = {"slack": slack, "server": server, "async_server": async_server, "keys": keys}
    async with slack.far, open_session(EgressGuard(LOOPBACK)) as session:
        if not has_crm:
            yield Floor(**parts, session=session)
            return
        with simulated_crm(leads=3) as crm:
            crm.edit(next(iter(crm.leads())), ownerID=CEMS)
            async with writing_to(crm, async_server, keys) as writer:
                yield Floor(**parts, session=session, crm=crm, writer=writer)


@asynccontextmanager
async def writing_to(crm: SimulatedCrm, server: AsyncRedisServer, keys: Keys) -> AsyncIterator[WriteBack]:
    async with open_crm_session() as session:
        client = CrmClient(
            url=crm.api_url, account_id=crm.account_id, secret_key=crm.secret_key, session=session, timeout=5
        )
        memory = RedisWriteMemory(server=server, keys=keys, sources=[CRM], clock=SystemClock())
        yield WriteBack(objects=CrmObjectWrites(client), memory=memory, observer=Reports())
