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
    """What a part of the log of attempts holds of a lead by a push, in the log's order.

    Attributes:
        reached: up to when it was looked at; None when that was its end, or it had told all that was asked.
    """

    logged: Sequence[LoggedAttempt]
    reached: datetime | None


class LeadTrail(Protocol):
    """What a lead left behind; whatever it looks through, it looks through a bounded part of."""

    def logged(
        self,
        pushes: Collection[PushId],
        lead: LeadKey,
        *,
        since: datetime,
        most: int,
        enough: Collection[DeliveryId] = (),
    ) -> Trace:
        """Attempts of the lead's deliveries by some pushes, in so many entries of the log from a moment on.

        It looks no further when all of `enough` are over, if there are any.
        """

    def decisions(self, push: PushId, lead: LeadKey, *, since: datetime) -> Sequence[Decision]:
        """To whom the lead was given by a push, and why."""

    def pending(self, push: PushId, who: Who, *, since: datetime) -> Sequence[Pending]:
        """What waits for the CRM to tell of the lead before it is decided."""

    def find(
        self, deliveries: Collection[DeliveryId], sinks: Collection[SinkName], *, since: datetime
    ) -> Mapping[str, Whereabouts]:
        """Where deliveries to these sinks are; without those that are nowhere, or were not found in so much."""

    def letters(self, deliveries: Collection[DeliveryId]) -> Mapping[str, DeadLetter]:
        """Those of the deliveries that are dead."""

    def clocks(self, who: Who, routes: Collection[RouteName]) -> Sequence[LeadClock]:
        """The clocks of the lead that run."""

    def standing(self, sinks: Sequence[SinkName]) -> Mapping[SinkName, Standing]:
        """How these sinks stand: what of them is paused, and their circuits."""
