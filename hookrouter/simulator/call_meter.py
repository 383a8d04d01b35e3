"""Counts the calls of the API and refuses those beyond the allowance."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.refusals import Refused
from hookrouter.wire.crm.errors import QUOTA_SPENT_TODAY, TOO_MANY_A_SECOND

SECOND = 1.0


@dataclass(slots=True)
class CallMeter:
    """Counts calls and refuses those beyond the allowance.

    The second slides: no stretch of one second may hold more calls than allowed, wherever it begins. That is stricter
    than a count that starts anew with each second of the clock; who keeps to it is safe with either.

    Attributes:
        calls: all calls ever, also those refused.
        used_today: calls charged to the day (UTC); refused ones are not.
        over_rate: calls refused as too many in one second (107).
        over_quota: calls refused since the day's were spent (106).
        most_in_a_second: the highest number of calls, refused ones too, in any one second.
    """

    clock: Clock
    dials: Dials
    calls: int = 0
    used_today: int = 0
    over_rate: int = 0
    over_quota: int = 0
    most_in_a_second: int = 0
    by_method: Counter[str] = field(default_factory=Counter)
    _day: date | None = None
    _recent: deque[float] = field(default_factory=deque)

    def charge(self, method: str) -> None:
        """Count a call, whether its method exists or not.

        Raises:
            Refused: 107 or 106; the call must not be carried out.
        """
        self.calls += 1
        self.by_method[method] += 1
        if self._in_this_second() > self.dials.allowance.per_second > 0:
            self.over_rate += 1
            raise Refused(TOO_MANY_A_SECOND)
        self._begin_day()
        if self.used_today >= self.dials.allowance.per_day:
            self.over_quota += 1
            raise Refused(QUOTA_SPENT_TODAY)
        self.used_today += 1

    def _in_this_second(self) -> int:
        now = self.clock.monotonic()
        while self._recent and self._recent[0] <= now - SECOND:
            self._recent.popleft()
        self._recent.append(now)
        self.most_in_a_second = max(self.most_in_a_second, len(self._recent))
        return len(self._recent)

    def _begin_day(self) -> None:
        today = self.clock.now().date()
        if today != self._day:
            # Not on the first day: what a test or a person set as used stays.
            self.used_today = 0 if self._day is not None else self.used_today
            self._day = today
