"""The picture of the flow: sources, routes and sinks, what came and went lately, and how each is doing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.circuit import CircuitState
from hookrouter.domain.figures import Kind
from hookrouter.domain.flow_history import Counts
from hookrouter.domain.health import Part, Status
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.pause import Pause
from hookrouter.domain.routing import Route
from hookrouter.domain.spans import span_in_words

MOST_NAMED = 3
"""In one line."""
FLOWS = "Leads flow"


class Tone(StrEnum):
    """How something does, in one word; a picture never tells it by colour alone."""

    FLOWS = "flows"
    QUIET = "quiet"
    SLOW = "slow"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """What the configuration says should be there; `kinds` are the sinks' types."""

    sources: Sequence[SourceName]
    routes: Sequence[Route]
    kinds: Mapping[SinkName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFacts:
    """What is known of a sink now.

    Attributes:
        retrying: those of `waiting` that wait for their next attempt.
        held: those of them that wait for a route.
        oldest: since when the first of what was never tried could have gone out.
        standing: `paused`, or the state of its circuit.
        reason: why it stands so.
        until: when it is asked again.
        told_instead: where its deliveries go meanwhile.
        shards: how many its outbox is split into.
    """

    waiting: int = 0
    retrying: int = 0
    held: int = 0
    oldest: datetime | None = None
    is_gathering: bool = False
    standing: str = CircuitState.CLOSED
    reason: str = ""
    until: datetime | None = None
    told_instead: str = ""
    shards: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFacts:
    """What was measured.

    Attributes:
        since: from when on `counts` and `pushes` count; None when nobody knows.
        staged: leads on their way from the receiver to the sinks, by stage.
        partitions: over how many the intake is spread.
    """

    now: datetime
    since: datetime | None
    counts: Counts = field(default_factory=Counter)
    pushes: Mapping[SourceName, int] = field(default_factory=dict)
    last_pushes: Mapping[SourceName, datetime] = field(default_factory=dict)
    staged: Mapping[str, int] = field(default_factory=dict)
    partitions: int = 1
    sinks: Mapping[SinkName, SinkFacts] = field(default_factory=dict)
    paused_routes: Mapping[RouteName, Pause] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeen:
    """A source; `quiet_for` is the time since its last push."""

    name: SourceName
    pushes: int
    quiet_for: timedelta | None
    tone: Tone
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSeen:
    """A route.

    Attributes:
        taken: leads that it took.
        shadowed: those that it would have taken, were it no shadow.
        half: within what time half of its messages were there; '' when there were none.
        is_known: the configuration names it.
        to: the sinks that it leads to, by the configuration or by what arrived.
    """

    name: RouteName
    taken: int
    shadowed: int
    delivered: int
    late: int
    dead: int
    repeated: int
    silenced: int
    half: str
    is_shadow: bool
    is_known: bool
    is_paused: bool
    to: tuple[SinkName, ...]
    tone: Tone
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSeen:
    """A sink."""

    name: SinkName
    kind: str
    delivered: int
    reminded: int
    dead: int
    facts: SinkFacts
    tone: Tone
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way from a route to a sink, with what went it."""

    route: RouteName
    sink: SinkName
    delivered: int
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The whole picture; counts are of the time between `since` and `at`."""

    at: datetime
    since: datetime | None
    kinds: Mapping[Kind, int]
    pushes: int
    staged: Mapping[str, int]
    partitions: int
    sources: Sequence[SourceSeen]
    routes: Sequence[RouteSeen]
    sinks: Sequence[SinkSeen]
    links: Sequence[Link]

    @property
    def span(self) -> timedelta:
        """The time that is counted."""
        return timedelta() if self.since is None else max(timedelta(), self.at - self.since)

    @property
    def waiting(self) -> int:
        """All that waits anywhere."""
        return sum(self.staged.values()) + sum(sink.facts.waiting for sink in self.sinks)

    def a_minute(self, count: int) -> float | None:
        """A count as a rate; None while too little time is counted to tell."""
        minutes = self.span / timedelta(minutes=1)
        return count / minutes if minutes >= 0.5 else None  # noqa: PLR2004 - half a minute

    @property
    def names_sinks(self) -> bool:
        """Whether the headline names the sinks that get nothing; what else is to be told of them would be too much."""
        return bool(self._blocked)

    @property
    def _blocked(self) -> list[SinkSeen]:
        return [sink for sink in self.sinks if sink.tone is Tone.STOPPED and (sink.facts.waiting or sink.dead)]

    @property
    def headline(self) -> str:
        """Whether leads flow, for who looks for ten seconds."""
        came, went = self.kinds.get(Kind.LEADS, 0), self.kinds.get(Kind.DELIVERED, 0)
        blocked = self._blocked
        if blocked:
            names = _listed([sink.name for sink in blocked])
            if any(sink.delivered for sink in self.sinks if sink.tone is not Tone.STOPPED):
                return f"Leads flow, but not to {names}"
            return f"Leads are {'held' if any(sink.facts.waiting for sink in blocked) else 'given'} up at {names}"
        if not went and any(sink.tone is Tone.SLOW for sink in self.sinks):
            return "Leads wait, and none arrives"
        if came or went:
            return FLOWS
        if self.since is None:
            return "Nothing was counted yet"
        return f"No lead came in the last {span_in_words(self.span.total_seconds())}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def troubles(parts: Sequence[Part]) -> list[Part]:
    """What is not well, the worst first."""
    return sorted((part for part in parts if part.status is not Status.PASS), key=lambda part: part.status != "fail")
