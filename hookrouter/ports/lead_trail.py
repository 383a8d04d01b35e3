"""What a lead left behind as it went through: looked for by its push, from the moment of that on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hookrouter.domain.assignment import Decision
from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName, Who
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.domain.logged_attempt import LoggedAttempt, Whereabouts
from hookrouter.domain.pending import Pending
from hookrouter.ports.outbox import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a part of the log of attempts holds about a lead and its pushes, in the log's order.

    Attributes:
        reached: the time up to which the log was searched; None if to its end, or if all that was asked was found.
    """

    logged: Sequence[LoggedAttempt]
    reached: datetime | None


class LeadTrail(Protocol):
    """What a lead left behind; each look covers a bounded part of what there is."""

    def logged(
        self,
        pushes: Collection[PushId],
        lead: LeadKey,
        *,
        since: datetime,
        most: int,
        enough: Collection[DeliveryId] = (),
    ) -> Trace:
        """Attempts at the lead's deliveries from these pushes, in at most `most` entries of the log from a moment on.

        The search ends early once all deliveries in `enough`, if there are any, are over.
        """

    def decisions(self, push: PushId, lead: LeadKey, *, since: datetime) -> Sequence[Decision]:
        """Whom the lead was given to by a push, and why."""

    def pending(self, push: PushId, who: Who, *, since: datetime) -> Sequence[Pending]:
        """What waits undecided until the CRM tells of the lead."""

    def find(
        self, deliveries: Collection[DeliveryId], sinks: Collection[SinkName], *, since: datetime
    ) -> Mapping[str, Whereabouts]:
        """Where deliveries to these sinks are, without those that are nowhere or not in the part that was searched."""

    def letters(self, deliveries: Collection[DeliveryId]) -> Mapping[str, DeadLetter]:
        """Those of the deliveries that are dead."""

    def clocks(self, who: Who, routes: Collection[RouteName]) -> Sequence[LeadClock]:
        """The lead's running clocks."""

    def standing(self, sinks: Sequence[SinkName]) -> Mapping[SinkName, Standing]:
        """How these sinks stand: what is paused of them, and their circuits."""
