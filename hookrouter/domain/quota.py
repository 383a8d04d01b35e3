"""The CRM's quota: who may still call when little of it is left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

USUAL_DAILY_CALLS = 50_000
"""What the CRM grants an account (crm-api 2)."""
SPENT = "the day's calls of the CRM are used up"
"""Why the CRM is not asked, where it said so."""


class Purpose(StrEnum):
    """What a call is for; under pressure the last of these give way first."""

    OPERATOR = "operator"  # a person waits for it
    DELIVERY = "delivery"  # what the `crm` sink writes
    READ_BACK = "read-back"  # without it, leads wait
    RECONCILE = "reconcile"
    ENRICHMENT = "enrichment"

    @property
    def rank(self) -> int:
        """Its place each second: 0 goes first."""
        return {Purpose.RECONCILE: 1, Purpose.ENRICHMENT: 2}.get(self, 0)

    @property
    def share(self) -> float:
        """How much of the day's calls it sees."""
        return {Purpose.RECONCILE: 0.95, Purpose.ENRICHMENT: 0.9}.get(self, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCount:
    """What an answer of the CRM tells of the day: calls made, and how many it grants (crm-api 1.3)."""

    calls: int
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The day's calls: made by everybody who uses the account, and the most that may be made.

    Attributes:
        is_spent: the CRM just refused one for it, whatever the counts say.
    """

    used: int
    limit: int
    is_spent: bool = False

    @property
    def gives_way(self) -> str:
        """Who must not call any more, in words; '' while everybody may."""
        share = self.used / self.limit
        if self.is_spent:
            return "the CRM says that the day's calls are used up; it is asked again every minute"
        if share >= Purpose.READ_BACK.share:
            return "nothing is asked of the CRM any more"
        if share >= Purpose.RECONCILE.share:
            return "neither histories nor missed changes are asked for any more"
        return "histories are not asked for any more" if share >= Purpose.ENRICHMENT.share else ""
