"""An alert: what people are told of hookrouter itself when something is wrong, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.ids import DeliveryId, RouteName, SinkName

BY_NO_ROUTE = RouteName("alerts")
"""What stands for the route of an alert."""


class AlertKind(StrEnum):
    """What may be wrong; the words of `alerts.on`."""

    CIRCUIT_OPEN = "circuit_open"
    LAG = "lag"
    DEAD = "dead"
    NO_PUSH_FOR = "no_push_for"
    CRM_QUOTA = "crm_quota"


USUAL_LAG = timedelta(minutes=5)
"""What has waited for longer, and could go on, waits too long, unless `lag` says otherwise."""


class News(StrEnum):
    """What an alert tells: that something went wrong, that it still is, or that it is over."""

    RAISED = "raised"
    STILL = "still"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is told of one thing that is wrong.

    Attributes:
        about: the sink or the stage, or several of them with commas between; '' where there is but one.
        title: all in one line.
        wrong: what is wrong, in sentences.
        todo: what to do; '' once it is over.
        since: since when it is, as far as that is known.
        at: when that was found.
    """

    kind: AlertKind
    about: str
    news: News
    title: str
    wrong: str
    todo: str
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong at a moment.

    Attributes:
        since: since when, if that is known.
        size: how much there is of it; where that grows it is told again, tenfold at once and else after an hour.
        over: what is told once it is over.
    """

    kind: AlertKind
    about: str = ""
    title: str
    wrong: str
    todo: str
    over: str
    since: datetime | None = None
    size: int = 0

    @property
    def name(self) -> str:
        """By which it is known from one look to the next."""
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is remembered of one thing that is wrong, or was a moment ago.

    Attributes:
        seen_at: when it was first seen.
        told_at: when it was last told; None when not yet.
        told_size: how much there was of it then, or at the least since.
        well_since: since when it is seen no more; None while it is.
        title: of the trouble when it was last seen, for whoever looks at what is wrong.
    """

    kind: AlertKind
    about: str
    since: datetime
    seen_at: datetime
    title: str
    over: str
    told_at: datetime | None = None
    told_size: int = 0
    well_since: datetime | None = None

    @property
    def name(self) -> str:
        """That of its trouble."""
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A message that tells of an alert, to be looked after until it has surely arrived."""

    delivery: DeliveryId
    sink: SinkName
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMemory:
    """What was wrong at the last look, when that was, and which messages may not have arrived yet."""

    looked_at: datetime | None = None
    known: Sequence[Known] = ()
    underway: Sequence[Underway] = ()
