"""Tail: follow pushes and attempts as they happen, even across an outage of Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import EntryId, RouteName, SinkName
from hookrouter.domain.logged_attempt import LoggedAttempt
from hookrouter.ports.surroundings import Clock
from hookrouter.ports.tailing import News, Tail

BREATH = 0.1
"""Seconds between two looks while much happens."""
BETWEEN_PUSHES = 0.5
"""Seconds between two looks for pushes."""
ASK_AGAIN = 1.0
"""Seconds between two looks whether Redis is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What is followed; None leaves it open. Where it is said, pushes are left out: they have no sink and no route."""

    sink: SinkName | None = None
    route: RouteName | None = None
    outcome: str | None = None

    @property
    def has_pushes(self) -> bool:
        """Whether pushes are followed, too."""
        return self.sink is None and self.route is None and self.outcome is None

    def wants(self, attempt: LoggedAttempt) -> bool:
        """Whether an attempt is followed."""
        return (
            self.sink in {None, attempt.sink}
            and self.route in {None, attempt.route}
            and self.outcome in {None, attempt.came_to.outcome}
        )


@dataclass(slots=True, kw_only=True)
class FollowTail:
    """Follows until it is told to stop.

    Attributes:
        wait: for so many seconds, unless it is to stop.
    """

    tail: Tail
    clock: Clock
    should_stop: Callable[[], bool]
    wait: Callable[[float], object]
    _looked_at: float = 0.0

    def run(self, followed: Followed) -> Iterator[News | StoreAway]:
        """What happens, look by look; the fault once when Redis goes away, and news, if empty, once when it is back."""
        place: EntryId | None = None
        is_away = False
        while not self.should_stop():
            try:
                place, news = self._look(place, followed)
            except StoreAway as fault:
                if not is_away:
                    yield fault
                is_away = True
                self.tail.came_back()
                self.wait(ASK_AGAIN)
                continue
            if is_away or news.pushes or news.attempts:
                yield news
                self.wait(BREATH)
            is_away = False

    def _look(self, place: EntryId | None, followed: Followed) -> tuple[EntryId, News]:
        if place is None:
            return self.tail.begin(), News()
        place, attempts = self.tail.attempts(place)
        pushes = self.tail.pushes() if followed.has_pushes and self._is_time_for_pushes() else ()
        return place, News(pushes=pushes, attempts=[each for each in attempts if followed.wants(each)])

    def _is_time_for_pushes(self) -> bool:
        now = self.clock.monotonic()
        if now - self._looked_at < BETWEEN_PUSHES:
            return False
        self._looked_at = now
        return True
