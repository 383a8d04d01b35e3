"""A delivery: one lead for one sink, and how it got its name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hookrouter.domain.alert import Alert
from hookrouter.domain.assignment import Assigned
from hookrouter.domain.change import Change, LeadEvent
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName, SourceName, Who
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.push import Via
from hookrouter.domain.report import Report
from hookrouter.domain.varied import varied

SEND_TEST = RouteName("send-test")
"""Stands for the route of a test, whose lead is nobody's to act on."""
MOST_TRIES = 50
LONGEST_EARLIER_TEXT = 200
"""The usual schedule makes thirty attempts; a record with all of them stays below twenty kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where and when a lead was pushed; `place` is its number within the push, from 0."""

    push: PushId
    source: SourceName
    place: int
    received_at: datetime
    via: Via = Via.PUSH


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What one attempt came to.

    Attributes:
        seconds: how long it took; None for an end without an attempt, which the log records as well.
        outcome: retry or dead; in the log any word of `Result`.
        text: the beginning of the answer.
    """

    at: datetime
    seconds: float | None
    outcome: str
    reason: str
    status: int | None
    text: str

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        return {
            "at": self.at.isoformat(),
            "seconds": self.seconds,
            "outcome": self.outcome,
            "reason": self.reason,
            "status": self.status,
            "answer": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One lead for one sink by one route.

    Attributes:
        revision: that of the configuration whose routes made it; '' if it was made before this was recorded.
        timeline: the lead's history, newest first; empty unless the route asked for it.
        timeline_missing: why a history that was asked for is not there; '' when it is.
        lists: the names of the lists that the lead is on; None unless the route asked for them.
        lists_missing: why those are not there; '' when they are.
        step: the follow-up step whose reminder it is, such as `15m`; '' for a route's own message.
        say: the reminder's own text, if its step has one.
        assigned: whom the lead was given to; None unless the route assigns it, and until that is done.
        attempts: how often it has been tried so far.
        first_attempt_at: when it was first tried.
        remainder: what earlier attempts left to do, in its sink's own words; None means all of it.
        tries: its failed attempts, the newest last, including those before a replay.
        members: the deliveries that go out with it as one message, if it is a digest.
        in_place_of: the sink it was meant for, if that was dead for so long that this one is told instead.
        late: why it is too late to be told as news, in one word; '' when it is not.
        report: what it tells instead of a lead, if it is a report.
        alert: the same, if it is an alert.
    """

    id: DeliveryId
    sink: SinkName
    route: RouteName
    push: PushId
    source: SourceName
    received_at: datetime
    event: LeadEvent
    lead_key: LeadKey
    lead: Fields
    changed: tuple[str, ...]
    previous: Mapping[str, Json]
    revision: str = ""
    via: Via = Via.PUSH
    timeline: tuple[Mapping[str, Json], ...] = ()
    timeline_missing: str = ""
    lists: tuple[str, ...] | None = None
    lists_missing: str = ""
    step: str = ""
    say: str = ""
    assigned: Assigned | None = None
    attempts: int = 0
    first_attempt_at: datetime | None = None
    remainder: Json = None
    tries: tuple[Try, ...] = ()
    members: tuple[Delivery, ...] = ()
    in_place_of: SinkName | None = None
    late: str = ""
    report: Report | None = None
    alert: Alert | None = None

    @property
    def is_of_a_lead(self) -> bool:
        """Whether it tells of one or more leads, unlike a report or an alert."""
        return self.report is None and self.alert is None

    @property
    def who(self) -> Who:
        """The lead it belongs to."""
        return self.source, self.lead_key

    def given_to(self, assigned: Assigned) -> Delivery:
        """The same delivery with whom the lead was given to, filled in wherever its reminder speaks of that person."""
        return replace(self, assigned=assigned, say=self.say.translate(assigned.in_place_of_signs()))

    def with_attempt(self, at: datetime) -> Delivery:
        """The same delivery, tried once more."""
        return varied(self, attempts=self.attempts + 1, first_attempt_at=self.first_attempt_at or at)

    def with_failure(self, failure: Try) -> Delivery:
        """The same delivery with one more failed attempt on record; the answers of earlier ones are shortened."""
        earlier = [replace(each, text=each.text[:LONGEST_EARLIER_TEXT]) for each in self.tries]
        return replace(self, tries=(*earlier, failure)[-MOST_TRIES:])

    def with_rest_of(self, outcome: Outcome) -> Delivery:
        """The same delivery with what an attempt left to do."""
        if isinstance(outcome, Delivered) or outcome.remainder is None:
            return self
        return replace(self, remainder=outcome.remainder)


def delivery_id(occasion: Occasion, lead: LeadKey, route: RouteName, sink: SinkName, step: str = "") -> DeliveryId:
    """The delivery's name, which never changes.

    A version of a lead is the push that brought it and its place there: content alone would give A, B, A the same name
    twice, and the CRM's timestamps only resolve seconds. The route's name counts, not its text, so that editing a rule
    renames nothing. Each step of a follow-up has a name of its own.
    """
    parts = (occasion.source, lead, occasion.push, str(occasion.place), route, sink, *((step,) if step else ()))
    return DeliveryId("d_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32])


def make_delivery(
    occasion: Occasion, change: Change, route: RouteName, sink: SinkName, revision: str = "", *, step: str = ""
) -> Delivery:
    """A delivery of a change, not yet tried, made by the configuration of this revision."""
    return Delivery(
        id=delivery_id(occasion, change.lead.key, route, sink, step),
        sink=sink,
        route=route,
        push=occasion.push,
        source=occasion.source,
        received_at=occasion.received_at,
        event=change.event,
        lead_key=change.lead.key,
        lead=change.lead.fields,
        changed=change.changed,
        previous=change.previous,
        revision=revision,
        via=occasion.via,
        step=step,
    )
