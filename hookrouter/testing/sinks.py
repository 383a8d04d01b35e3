"""A sink built as the configuration would build it, for tests of sink types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network

import aiohttp

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.policy import Digest
from hookrouter.net.egress import EgressGuard, Network
from hookrouter.net.http_session import open_session
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.net.terms import Terms
from hookrouter.ports.claims import ClaimMemory
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.ports.sinks import Sink
from hookrouter.ports.surroundings import Clock
from hookrouter.sinks.kinds import SinkTools, SinkType

LOOPBACK = (ip_network("127.0.0.0/8"),)
ENOUGH = timedelta(seconds=10)


def no_session() -> aiohttp.ClientSession:
    """For sinks that are only rendered."""
    raise LookupError("this test has no HTTP session")


def sink_tools(
    *,
    session: Callable[[], aiohttp.ClientSession] = no_session,
    smtp: SmtpServer | None = None,
    clock: Clock | None = None,
    timeout: timedelta = ENOUGH,
    lead_link: Callable[[str], str | None] = lambda lead: f"https://crm.example/leads/{lead}",
    terms: Terms | None = None,
    messages: LivingMessages | None = None,
    digest: Digest | None = None,
    claims: ClaimMemory | None = None,
) -> SinkTools:
    """Tools with a real clock and no way out, unless they are given."""
    clock = clock or SystemClock()
    return SinkTools(
        session=session,
        smtp=smtp,
        clock=clock,
        timeout=timeout,
        lead_link=lead_link,
        list_link="https://crm.example/leads",
        terms=terms,
        digest=digest,
        messages=messages,
        claims=claims,
    )


def a_sink(kind: SinkType, tools: SinkTools | None = None, **options: object) -> Sink:
    """A sink called `sales` from options as they stand in YAML; raises marshmallow's ValidationError for wrong ones."""
    loaded = kind.schema().load({"type": kind.name, **options})
    return kind.build(SinkName("sales"), loaded, tools or sink_tools())


async def deliver(
    kind: SinkType,
    delivery: Delivery,
    *,
    allow: tuple[Network, ...] = LOOPBACK,
    smtp: SmtpServer | None = None,
    timeout: timedelta = ENOUGH,  # noqa: ASYNC109 - the attempt's limit is what is tested
    **options: object,
) -> Outcome:
    """Render a delivery and send it once, through a session of its own that may reach this machine."""
    async with open_session(EgressGuard(allow)) as session:
        sink = a_sink(kind, sink_tools(session=lambda: session, smtp=smtp, timeout=timeout), **options)
        outcome = await sink.send(delivery, sink.render(delivery))
    await asyncio.sleep(0)  # lets the connections close
    return outcome
