"""What a kind of sink is; the page a plug-in's author reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from hookrouter.domain.ids import DeliveryId, PushId, SinkName
from hookrouter.domain.policy import Digest
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.net.terms import Terms
from hookrouter.ports.claims import ClaimMemory
from hookrouter.ports.crm import CrmWriter
from hookrouter.ports.living_messages import LivingMessages
from hookrouter.ports.sinks import Sink
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.config.sink_schema import SinkSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkTools:
    """What a sink may use.

    Attributes:
        session: gives the worker's one HTTP session, whose connector refuses forbidden addresses; call it
            within `send`, on the event loop, never earlier.
        smtp: the configured mail server, if there is one.
        clock: the time.
        timeout: the longest one attempt may take in all.
        lead_link: gives the address of a lead in the CRM by its id, or None.
        terms: what the sink wants of its exchanges otherwise than usual, if anything; `exchange` takes them.
        list_link: the address of all leads in the CRM; '' for none.
        digest: how all deliveries of the sink are gathered; None when at most those are that are too many, or late.
        crm: writes to the configured CRM; None where nothing is to be written.
        trace: the headers of a push and a delivery by which a far side adds to its trace; None where none is made.
        claims: knows by whom a lead was claimed; None likewise.
        messages: knows by which message a lead was told of; None where nothing is to be remembered.
    """

    session: Callable[[], aiohttp.ClientSession]
    smtp: SmtpServer | None
    clock: Clock
    timeout: timedelta
    lead_link: Callable[[str], str | None]
    terms: Terms | None = None
    list_link: str = ""
    digest: Digest | None = None
    crm: CrmWriter | None = None
    messages: LivingMessages | None = None
    claims: ClaimMemory | None = None
    trace: Callable[[PushId, DeliveryId], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkType:
    """A kind of sink: its name in YAML, the schema of its options, and how one is built from loaded options.

    `build` must not do I/O; what is wrong with the options is the schema's to say.
    """

    name: str
    schema: type[SinkSchema]
    build: Callable[[SinkName, Mapping[str, object], SinkTools], Sink]
