"""A subscription: the CRM asked to push to a hook, what came of it, and when to ask again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""Between two tries; twice as long each time, for a try whose answer is lost may have added a subscription."""


class WhenToSubscribe(StrEnum):
    """When hookrouter asks the CRM by itself."""

    ON_START = "on_start"  # once for each address, and after a silence
    WHEN_SILENT = "when_silent"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What became of asking.

    Attributes:
        address: a digest of that which the CRM was asked to push to; its token must not be found here.
        at: when it said that it will.
        tried_at: when it was asked last.
        failures: how often it has not said so since.
        fault: why.
    """

    address: str = ""
    at: datetime | None = None
    tried_at: datetime | None = None
    failures: int = 0
    fault: str = ""

    def is_of(self, url: str) -> bool:
        """Whether the CRM pushes to this address, for all that is known."""
        return self.at is not None and self.address == digest_of(url)

    def is_due(self, url: str, now: datetime) -> bool:
        """Whether the CRM is to be asked to push to this address."""
        if self.is_of(url):
            return False
        if self.address != digest_of(url) or self.tried_at is None:
            return True
        doublings = min(max(0, self.failures - 1), 10)
        return now >= self.tried_at + min(LONGEST_PAUSE, SHORTEST_PAUSE * (1 << doublings))

    def failed(self, url: str, fault: str, at: datetime) -> Subscription:
        """With another try in vain; what the CRM said before of the same address stands."""
        if self.address != digest_of(url):
            return Subscription(address=digest_of(url), tried_at=at, failures=1, fault=fault)
        return replace(self, tried_at=at, failures=self.failures + 1, fault=fault)


def subscribed(url: str, at: datetime) -> Subscription:
    """The CRM says that it will push to an address."""
    return Subscription(address=digest_of(url), at=at, tried_at=at)


def digest_of(url: str) -> str:
    """By what an address is known again."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]
