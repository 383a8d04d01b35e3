"""The facts hookrouter reports: each class is one log line `noun.verbed` and its metrics.

No field of an event may hold a value of a lead or a secret: that nothing of either is ever logged is a
property of this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact; `name` is its log line, `level` how loud it is."""

    name: ClassVar[str]
    level: ClassVar[str] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReceived(Event):
    """A push was taken, or recognised as sent before."""

    name: ClassVar[str] = "push.received"
    push: str
    source: str
    leads: int
    accepted: int
    rejected: int
    duplicate: bool
    size: int
    kept: str
    """Where it is safe: redis, spool, or both while replicas of Redis do not confirm it."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRefusedEvent(Event):
    """A push was answered with an error; `push` only if it is kept all the same, `source` only if it is a known one."""

    name: ClassVar[str] = "push.refused"
    level: ClassVar[str] = "warning"
    push: str
    source: str
    status: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadHydrated(Event):
    """A lead was read back from the CRM; `result` is completed or confirmed."""

    name: ClassVar[str] = "lead.hydrated"
    level: ClassVar[str] = "debug"
    push: str
    source: str
    place: int
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadUnconfirmed(Event):
    """A lead could not be read back, for a `reason` that waiting does not cure; `result` is unchanged or rejected."""

    name: ClassVar[str] = "lead.unconfirmed"
    level: ClassVar[str] = "warning"
    push: str
    source: str
    place: int
    result: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempted(Event):
    """A delivery was tried; `outcome` is delivered, retry or dead."""

    name: ClassVar[str] = "delivery.attempted"
    push: str
    delivery: str
    route: str
    sink: str
    revision: str
    """Of the configuration that routed it."""
    attempt: int
    outcome: str
    reason: str
    status: int | None
    seconds: float
    lead_seconds: float
    """From the push's arrival to the end of this attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTimed(Event):
    """A lead's message arrived by a route with an `objective`; `result` is met or late."""

    name: ClassVar[str] = "delivery.timed"
    level: ClassVar[str] = "debug"
    push: str
    delivery: str
    route: str
    sink: str
    result: str
    seconds: float
    """From the lead's change in the CRM to the end of the attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySuperseded(Event):
    """A later delivery of the same lead by the same route takes the place of one that waited."""

    name: ClassVar[str] = "delivery.superseded"
    push: str
    delivery: str
    route: str
    sink: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySuppressed(Event):
    """A delivery that was made a while ago came again, and was not made again."""

    name: ClassVar[str] = "delivery.suppressed"
    push: str
    delivery: str
    route: str
    sink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitChanged(Event):
    """A sink's circuit is closed, open, probing or resting now; `seconds` until it is asked again."""

    name: ClassVar[str] = "circuit.changed"
    level: ClassVar[str] = "warning"
    sink: str
    state: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkPaused(Event):
    """A sink holds its deliveries until somebody resumes it."""

    name: ClassVar[str] = "sink.paused"
    level: ClassVar[str] = "warning"
    sink: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFellBack(Event):
    """What waited for a sink that has been dead for long went to another."""

    name: ClassVar[str] = "sink.moved"
    level: ClassVar[str] = "warning"
    sink: str
    to: str
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestGathered(Event):
    """Deliveries of a sink became one message, which stands under the push of the first of them."""

    name: ClassVar[str] = "digest.gathered"
    push: str
    sink: str
    delivery: str
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFetched(Event):
    """A lead's history was asked for by `deliveries`, or by routes if there are none yet; it is fetched or missing."""

    name: ClassVar[str] = "timeline.fetched"
    level: ClassVar[str] = "debug"
    push: str
    deliveries: tuple[str, ...]
    result: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainEnded(Event):
    """A drain of a stream ended."""

    name: ClassVar[str] = "drain.ended"
    level: ClassVar[str] = "debug"
    stream: str
    entries: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseLost(Event):
    """A drain found its lease taken; what it had not settled is done again by its successor."""

    name: ClassVar[str] = "lease.lost"
    level: ClassVar[str] = "warning"
    stream: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourFailed(Event):
    """Redis or the CRM did not answer as it should; `reason` quotes no value."""

    name: ClassVar[str] = "neighbour.failed"
    level: ClassVar[str] = "error"
    neighbour: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsKicked(Event):
    """The kick found work and woke its stages."""

    name: ClassVar[str] = "streams.kicked"
    level: ClassVar[str] = "debug"
    stages: tuple[str, ...]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryUnreadable(Event):
    """A record in Redis could not be read; it is set aside among the dead letters or rejected leads."""

    name: ClassVar[str] = "entry.unreadable"
    level: ClassVar[str] = "error"
    stream: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryNewer(Event):
    """A later version of hookrouter wrote a record: it and what is behind it in its stream wait for its workers."""

    name: ClassVar[str] = "entry.newer"
    level: ClassVar[str] = "warning"
    stream: str
    entry: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainFailed(Event):
    """A drain ended in an error of ours; `kind` is the exception's class."""

    name: ClassVar[str] = "drain.failed"
    level: ClassVar[str] = "error"
    stream: str
    kind: str
    place: str
