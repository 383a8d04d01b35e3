"""How long each kind of record is kept, and the commands that forget the older ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """The retention of what is indexed by time; records themselves expire by their own time to live."""

    pushes: timedelta
    deliveries: timedelta
    dead: timedelta
    rejected: timedelta

    def trimming(self, keys: Keys, now: datetime) -> list[Command]:
        """The commands that trim each index, to the moment: a log of few entries a day would keep them for weeks."""
        logged = int((now - self.deliveries).timestamp() * 1000)
        return [
            ("ZREMRANGEBYSCORE", keys.pushes(), "-inf", (now - self.pushes).timestamp()),
            ("ZREMRANGEBYSCORE", keys.dead_letters(), "-inf", (now - self.dead).timestamp()),
            ("ZREMRANGEBYSCORE", keys.rejected_leads(), "-inf", (now - self.rejected).timestamp()),
            ("XTRIM", keys.attempts(), "MINID", "=", logged),
            ("XTRIM", keys.decisions(), "MINID", "=", logged),
        ]
