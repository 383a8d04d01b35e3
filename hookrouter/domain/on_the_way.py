"""A lead that a push brought and no route has judged yet: where it waits, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hookrouter.domain.ids import PushId
from hookrouter.domain.lead import Json


class Halt(StrEnum):
    """Where a lead waits before it is routed."""

    HYDRATE = "hydrate"
    INTAKE = "intake"


WAITS_FOR = {
    Halt.HYDRATE: "the CRM's own copy of it (`read_back`)",
    Halt.INTAKE: "a worker to judge it by the rules",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWay:
    """A lead of a push on its way to the rules.

    Attributes:
        since: when it was put there.
        crm_away: why the CRM is not asked just now; '' when it is, or is not what is waited for.
    """

    push: PushId
    place: int
    halt: Halt
    since: datetime
    crm_away: str = ""

    @property
    def waits_for(self) -> str:
        """For what it waits, in words for people."""
        return WAITS_FOR[self.halt]

    def summary(self) -> dict[str, Json]:
        """What programs are told."""
        return {
            "push": self.push,
            "place": self.place,
            "waits_for": self.halt.value,
            "since": self.since.isoformat(),
            "crm_away": self.crm_away or None,
        }
