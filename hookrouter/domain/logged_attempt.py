"""What the log of attempts holds of a delivery, and the story that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from hookrouter.domain.assignment import Assigned
from hookrouter.domain.delivery import Delivery, Try
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.pause import Pause


class Result(StrEnum):
    """What an entry of the log came to; all but the first three without an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    SUPPRESSED = "suppressed"
    GATHERED = "gathered"
    SHADOW = "shadow"
    REPEATED = "repeated"
    MOVED = "moved"
    SILENCED = "silenced"


ENDS = frozenset(Result) - {Result.DELIVERED, Result.RETRY, Result.DEAD}
"""What a delivery may come to that is not delivered and not dead."""


class State(StrEnum):
    """Where a delivery is that has not come to its end, or has come to a bad one."""

    ASSIGNING = "assigning"
    ENRICHING = "enriching"
    WAITING = "waiting"
    RETRYING = "retrying"
    HELD = "held"
    BEHIND = "behind"
    DEAD = "dead"


GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAttempt:
    """An entry of the log.

    Attributes:
        attempts: how often the delivery had been tried by then.
        revision: of the configuration that routed it; '' when it is older than this is recorded.
        assigned: whom its lead was given to; None when its route assigns nobody.
        came_to: what it came to; its reason may also be the delivery that took its place or that it became a part of.
    """

    delivery: DeliveryId
    push: PushId
    sink: SinkName
    route: RouteName
    lead_key: LeadKey
    attempts: int
    came_to: Try
    revision: str = ""
    assigned: Assigned | None = None

    def summary(self) -> dict[str, Json]:
        """One row of the list of attempts."""
        return {
            "id": self.delivery,
            "push": self.push,
            "sink": self.sink,
            "route": self.route,
            "lead": self.lead_key,
            "revision": self.revision,
            "attempts": self.attempts,
            **self.came_to.summary(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a delivery is; `until` when it is attempted next, if that is known.

    Attributes:
        is_shut_out: it is held because its route's time is not open, or was not.
        pause: of its route, if it is held; it may be over.
    """

    state: State
    delivery: Delivery
    until: datetime | None = None
    is_shut_out: bool = False
    pause: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is known of a delivery: what the log holds of it, and where it was found."""

    logged: Sequence[LoggedAttempt]
    found: Whereabouts | None

    @property
    def now(self) -> str:
        """Where it is, or how it ended, in one word; `gone` if nothing tells it."""
        if self.found is not None:
            return self.found.state
        outcomes = [attempt.came_to.outcome for attempt in self.logged]
        if Result.DELIVERED in outcomes:
            return Result.DELIVERED
        last = outcomes[-1] if outcomes else GONE
        return last if last in ENDS else GONE

    @property
    def lacks_attempts(self) -> bool:
        """Whether it was tried more often than is told here."""
        made = [attempt.attempts for attempt in self.logged]
        made += [] if self.found is None else [self.found.delivery.attempts]
        told = [*self._tries_before(), *(attempt.came_to for attempt in self.logged)]
        return len([each for each in told if each.seconds is not None]) < max(made, default=0)

    def whole(self) -> dict[str, Json]:
        """What an operator is shown."""
        names = self._names()
        until = None if self.found is None or self.found.until is None else self.found.until.isoformat()
        return {**names, "now": self.now, "until": until, "attempts": self.attempts()}

    def attempts(self) -> list[Json]:
        """What came of it, attempt by attempt."""
        return [*self._forgotten(), *self._remembered()]

    def _names(self) -> dict[str, Json]:
        if self.found is not None:
            of = self.found.delivery
            names: dict[str, Json] = {"id": of.id, "push": of.push, "sink": of.sink, "route": of.route}
            return {**names, "lead": of.lead_key, "revision": of.revision, **_given_to(of.assigned)}
        last = self.logged[-1]
        names = {"id": last.delivery, "push": last.push, "sink": last.sink, "route": last.route}
        return {**names, "lead": last.lead_key, "revision": last.revision, **_given_to(last.assigned)}

    def _remembered(self) -> list[Json]:
        return [attempt.came_to.summary() for attempt in self.logged]

    def _forgotten(self) -> list[Json]:
        return [each.summary() for each in self._tries_before()]

    def _tries_before(self) -> list[Try]:
        """The failed attempts that the delivery itself remembers from before the log begins."""
        tries: Sequence[Try] = () if self.found is None else self.found.delivery.tries
        begins = min((_milliseconds(attempt.came_to.at) for attempt in self.logged), default=None)
        return [each for each in tries if begins is None or _milliseconds(each.at) < begins]


def _given_to(assigned: Assigned | None) -> dict[str, Json]:
    """Whom the lead was given to, and why."""
    if assigned is None:
        return {}
    told = {"team": assigned.team, "owner": assigned.owner, "name": assigned.name, "reason": assigned.reason}
    return {"assigned": cast("Json", told)}


def _milliseconds(moment: datetime) -> int:
    """As exact as a delivery's record keeps a moment."""
    return round(moment.timestamp() * 1000)
