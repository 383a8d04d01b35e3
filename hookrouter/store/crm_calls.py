"""Turns at the CRM, which all processes share, and the count of the day's calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.clock import SystemClock
from hookrouter.domain.quota import USUAL_DAILY_CALLS, CallCount, Purpose, Quota
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

CLOCK = SystemClock()
SPENT_FOR = timedelta(minutes=1)
"""How long nobody calls after the CRM said that the day's calls are spent: nobody knows when its day ends."""
THROTTLED_FOR = timedelta(seconds=1)
"""How long nobody calls after the CRM said that too many calls came: the span of which its limit speaks."""
SLOWER = 0.9
"""Turns lie further apart than they might: calls that are held up on their way for a tenth of a second and then come
at once are no more than the rate allows in any second. At 0.97 a loaded machine made one too many in 4000."""


@dataclass(slots=True)
class HeardCounts:
    """What the CRM said of its counts since a turn was asked for last; the next asking brings it to the others."""

    count: CallCount | None = None
    spent_at: float | None = None
    throttled_at: float | None = None

    def note(self, count: CallCount) -> None:
        """Remember what an answer told."""
        self.count = count

    def note_spent(self) -> None:
        """Remember that the CRM refused a call because the day's are made."""
        self.spent_at = CLOCK.monotonic()

    def note_throttled(self) -> None:
        """Remember that the CRM refused a call because too many came in a second."""
        self.throttled_at = CLOCK.monotonic()

    def told(self) -> list[str | int]:
        """What to pass on, once."""
        count, spent_at, throttled_at = self.count, self.spent_at, self.throttled_at
        self.count = self.spent_at = self.throttled_at = None
        calls = "" if count is None else count.calls
        limit = "" if count is None or count.limit is None else count.limit
        return [calls, limit, _left(SPENT_FOR, spent_at), _left(THROTTLED_FOR, throttled_at)]


def _left(pause: timedelta, since: float | None) -> str | int:
    """The ms that are left of a pause; '' when none began."""
    return "" if since is None else int((since + pause.total_seconds() - CLOCK.monotonic()) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmTurns:
    """Turns for one purpose; see `ports.crm.RateLimit`.

    Attributes:
        rate: calls a second, of all processes together.
        daily_limit: calls a day, of everybody who uses the account; the CRM's own limit counts where it is lower.
        heard: shared with the client that makes the calls.
    """

    server: AsyncRedisServer
    keys: Keys
    rate: float
    purpose: Purpose
    daily_limit: int = USUAL_DAILY_CALLS
    heard: HeardCounts = field(default_factory=HeardCounts)

    async def take(self) -> timedelta:
        """Take a turn: zero if it is there, else how long to wait before asking again."""
        purpose = self.purpose
        arguments = [self.rate * SLOWER, self.daily_limit, purpose.share, purpose.rank, *self.heard.told()]
        wait = await self.server.run("crm_turn", [self.keys.crm_calls()], arguments)
        return timedelta(milliseconds=int(wait))


def quota_of(server: RedisServer, keys: Keys, daily_limit: int) -> Quota:
    """The calls of this day."""
    seconds = int(server.call("TIME")[0])
    day, used, limit, spent = server.call("HMGET", keys.crm_calls(), "day", "used", "limit", "spent")
    is_today = day is not None and int(day) == seconds // 86_400
    most = daily_limit if limit is None else min(daily_limit, int(limit))
    # Who waits for the end of it asks again, and tells a refusal with the turn after: so it shows for as long again.
    is_spent = float(spent or 0) / 1000 + SPENT_FOR.total_seconds() > seconds
    return Quota(used=int(used or 0) if is_today else 0, limit=most, is_spent=is_spent)
