"""The sweep: which of the leads known here no longer exist in the CRM."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Fields, Json, Lead, text_of

ACTIVE_FIELD = "active"
INACTIVE = "0"
LEFT_ALONE = timedelta(hours=2)
"""A lead that changed later than this may have come or gone while the CRM's list was read (crm-api 2)."""
LEAST_COVERAGE = 0.95
"""The share of the known leads that a list must have: with fewer it is taken for one that was cut short."""
FEWEST_KNOWN = 20
"""Of fewer known leads any may be gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Known leads that the CRM's list of active ones has not.

    Attributes:
        known: how many are known as active.
        leads: those that are not on the list, as last seen.
    """

    known: int
    leads: Mapping[LeadKey, Fields]

    @property
    def is_believable(self) -> bool:
        """Whether the list may be the whole one."""
        return self.known < FEWEST_KNOWN or len(self.leads) <= (1 - LEAST_COVERAGE) * self.known

    @property
    def doubt(self) -> str:
        """Why nothing is concluded; '' where it may be."""
        if self.is_believable:
            return ""
        return f"the CRM's list lacks {len(self.leads)} of {self.known} known leads, so none is taken for deleted"

    def settled(self, now: datetime) -> dict[LeadKey, Fields]:
        """Those that did not change just now."""
        return {
            key: fields
            for key, fields in self.leads.items()
            if (Lead(key=key, fields=fields).updated_at or now - 2 * LEFT_ALONE) <= now - LEFT_ALONE
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTally:
    """What a sweep found.

    Attributes:
        known: leads known here as active.
        gone: those that the CRM has no more, or no more as active.
        is_believable: False when its list lacked so many that nothing was concluded.
        is_whole: whether the end was reached.
    """

    known: int = 0
    gone: int = 0
    is_believable: bool = True
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What the last whole sweep found, and when; `gone` of the `known` leads were."""

    at: datetime
    known: int
    gone: int


def is_active(fields: Mapping[str, Json]) -> bool:
    """Whether a lead is one that the CRM lists; it says so unless it says otherwise."""
    return text_of(fields.get(ACTIVE_FIELD)) != INACTIVE


def gone(missing: Mapping[LeadKey, Fields], copies: Collection[Lead]) -> Sequence[Lead]:
    """The leads that are gone, as they are now: deactivated as the CRM tells, or deleted, of which it tells nothing.

    Args:
        missing: leads that were on no list, as last seen.
        copies: those of them that the CRM knows when it is asked for each.
    """
    told = {copy.key: copy for copy in copies}
    deactivated = [copy for copy in copies if copy.key in missing and not is_active(copy.fields)]
    deleted = [
        Lead(key=key, fields={**fields, ACTIVE_FIELD: INACTIVE}) for key, fields in missing.items() if key not in told
    ]
    return [*deactivated, *deleted]
