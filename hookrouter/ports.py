"""The neighbours as the use cases see them: small promises, one page.

Times are aware and in UTC. Whatever talks to Redis may raise `StoreAway`; nothing else is raised unless said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.delivery import Delivery, Occasion
from hookrouter.domain.events import Event
from hookrouter.domain.ids import EntryId, LeadKey, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Fields, Json, Lead
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.push import Batch, Push, Receipt
from hookrouter.domain.rejection import Rejection
from hookrouter.domain.routing import Enrichment
from hookrouter.domain.schedule import Step

T = TypeVar("T")


class Stage(StrEnum):
    """What a wake-up may ask for."""

    ROUTE = "route"
    ENRICH = "enrich"
    DELIVER = "deliver"


class Clock(Protocol):
    """Time and dice."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def roll(self) -> float: ...
    def new_id(self, prefix: str) -> str: ...


class Observer(Protocol):
    """Whom facts are reported to; never raises."""

    def report(self, event: Event) -> None: ...
    def flush(self) -> None:
        """Let go of what is held back for a moment; called every now and then, and at a process' end."""


class Message(Protocol):
    """What a sink is given, ready to send; `preview` is its content as JSON values, without secrets."""

    def preview(self) -> Json: ...


class Sink(Protocol):
    """A configured target."""

    def render(self, delivery: Delivery) -> Message:
        """Make the exact message; pure. Raises `RenderingFailed` (wire.template) when a template cannot be filled."""

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Try once. What the far side refuses, or that it is away, is an outcome; nothing is raised for it."""


class PushLog(Protocol):
    """Where pushes are put safely."""

    def accept(self, push: Push, batch: Batch) -> tuple[Receipt, bool]:
        """Write a push, its leads and its rejected leads in one atomic step, or find it was sent before.

        Returns the receipt, and whether the route stage must be woken. When this returns, the push is as
        durable as the store is configured to be.
        """


class Wake(Protocol):
    """The doorbell; losing a ring delays work by at most one kick."""

    def ring(self, stage: Stage) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeEntry:
    """Some leads of one push that wait to be routed."""

    id: EntryId
    occasions: tuple[Occasion, ...]
    leads: tuple[Lead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichEntry:
    """The deliveries of one lead by one route that wait for its history."""

    id: EntryId
    enrichment: Enrichment
    deliveries: tuple[Delivery, ...]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriching:
    """Deliveries of one lead by one route, to be enriched."""

    enrichment: Enrichment
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A delivery that waits for its sink."""

    id: EntryId
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt came to, for the log of deliveries."""

    at: datetime
    seconds: float
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """An entry of an outbox with what becomes of it."""

    entry: EntryId
    delivery: Delivery
    attempt: Attempt
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedEntries:
    """What a batch of intake entries led to; written in one atomic step with their removal."""

    entries: Sequence[EntryId]
    snapshots: Mapping[tuple[SourceName, LeadKey], Fields]
    deliveries: Sequence[Delivery]
    enriching: Sequence[Enriching]
    rejected: Sequence[Rejection]


class Intake(Protocol):
    """One partition of the intake, under a lease."""

    async def read(self, count: int) -> Sequence[IntakeEntry]:
        """The oldest entries; they stay until they are committed."""

    async def snapshots(self, leads: Sequence[tuple[SourceName, LeadKey]]) -> Sequence[Fields | None]:
        """The last snapshot of each lead."""

    async def commit(self, routed: RoutedEntries) -> bool:
        """Write what the entries led to and remove them; False, and nothing written, if the lease was lost."""

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class Enricher(Protocol):
    """One partition of the leads that wait for their history, under a lease."""

    async def read(self, count: int) -> Sequence[EnrichEntry]:
        """The oldest entries; they stay until they are committed."""

    async def commit(self, entries: Sequence[EntryId], deliveries: Sequence[Delivery]) -> bool:
        """Put the deliveries into their outboxes and remove the entries; False if the lease was lost."""

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class Outbox(Protocol):
    """The deliveries of one sink, under a lease."""

    async def read(self, after: EntryId | None, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind `after`; they stay until they are settled."""

    async def promote(self) -> int:
        """Put the retries that are due back into the outbox; how many they were."""

    async def settle(self, settlements: Sequence[Settlement]) -> bool:
        """Remove entries and write what becomes of them; False, and nothing written, if the lease was lost."""

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class History(Protocol):
    """The CRM's memory of a lead."""

    async def timeline(self, lead: str, source: str | None) -> Sequence[Mapping[str, Json]]:
        """Events of a lead, of one event source or of all. Raises `CrmAway` or `CrmRefused`."""


class TimelineCache(Protocol):
    """Histories remembered for minutes."""

    async def get(self, lead: str, source: str | None) -> Sequence[Mapping[str, Json]] | None: ...
    async def put(self, lead: str, source: str | None, events: Sequence[Mapping[str, Json]]) -> None: ...


class RateLimit(Protocol):
    """A bucket of permits that all processes share."""

    async def take(self) -> timedelta:
        """Take a permit: zero if there was one, else how long to wait before asking again."""


class Sinks(Protocol):
    """The configured sinks."""

    def find(self, sink: SinkName, route: str) -> Sink | None:
        """The sink as this route addresses it; None when the configuration knows it no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Part of a list; `end` asks for what comes behind it, None when nothing does."""

    found: Sequence[T]
    end: str | None


class DeadLetters(Protocol):
    """The deliveries that were given up."""

    def list(
        self, *, sink: SinkName | None, route: RouteName | None, limit: int, after: str | None = None
    ) -> Page[DeadLetter]:
        """The newest letters of a sink and a route, behind a page's end."""

    def find(self, delivery: str) -> DeadLetter | None: ...

    def replay(self, delivery: str) -> bool:
        """Put a letter back into its outbox as if never tried, in one atomic step; False if it is gone."""

    def drop(self, delivery: str) -> bool:
        """Forget a letter for good; False if it is gone."""


class RejectedLeads(Protocol):
    """The leads that could not be routed."""

    def list(self, *, limit: int, after: str | None = None) -> Page[Rejection]:
        """The newest rejections behind a page's end."""

    def find(self, rejection: str) -> Rejection | None: ...


class Subscriptions(Protocol):
    """The CRM asked to push."""

    async def subscribe(self, url: str) -> bool:
        """Have lead updates pushed to a URL; whether the CRM says it will. Raises `CrmAway` or `CrmRefused`."""
