"""What a drain is to do, and with what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName, SinkName, TeamName
from hookrouter.domain.outcome import Outcome
from hookrouter.domain.policy import SinkPolicy
from hookrouter.ports.sinks import SharedRate
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.usecases.delivering.counting import Counting
from hookrouter.usecases.delivering.seats import Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Whose outbox a drain serves and by what means; `hours` are those of all routes, `asked` the teams they ask."""

    sink: SinkName
    policy: SinkPolicy
    attempt: Callable[[Delivery], Awaitable[Outcome]]
    digest_key: Callable[[Delivery], str]
    rate: SharedRate | None
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    seat: Seat
    hours: Hours = ALWAYS
    asked: Mapping[RouteName, TeamName] = field(default_factory=dict)
    counting: Counting = field(default_factory=Counting)
