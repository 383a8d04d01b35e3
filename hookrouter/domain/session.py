"""A session: an operator who signed in, and need not give the token again for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.operator import Role

LASTS = timedelta(hours=12)
"""After which the token has to be given again, whatever was done meanwhile."""
ROTATES = timedelta(hours=1)
"""So old an id becomes; a stolen one is worth nothing after it, or betrays itself."""
IDLE = timedelta(hours=2)
"""Of an id that nobody comes with any more."""
OVERLAP = timedelta(minutes=1)
"""In which requests under way still come with the former id; later it comes from a thief, or betrays one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who signed in.

    Attributes:
        csrf: what each change must bring along; it stays when the id changes, so that open forms stay good.
        family: what all ids of one sign-in have in common: they end together, whoever has which of them.
        proof: what only the token gives with this id: when the token is another one, the session is over.
        made_at: when this id was made.
        until: when the session is over.
        is_former: whether another id took the place of this one, at `made_at`.
    """

    name: str
    role: Role
    csrf: str
    family: str
    proof: str
    made_at: datetime
    until: datetime
    is_former: bool = False

    def is_old(self, now: datetime) -> bool:
        """Whether it should get another id."""
        return not self.is_former and now - self.made_at >= ROTATES

    def betrays(self, now: datetime) -> bool:
        """Whether two have this session: its id was replaced long ago, and somebody comes with it still."""
        return self.is_former and now - self.made_at > OVERLAP

    def anew(self, proof: str, now: datetime) -> Session:
        """The same session under another id."""
        return replace(self, proof=proof, made_at=now)

    def fading(self, now: datetime) -> Session:
        """The same session under the former id: for requests under way, and nothing more comes of it."""
        return replace(self, made_at=now, is_former=True)

    def life(self, now: datetime) -> timedelta:
        """How long the id is known from now on; a former one to the end, so that whoever still has it is noticed."""
        return self.until - now if self.is_former else min(IDLE, self.until - now)
