"""How often the CRM is asked again when it did not answer."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmThrottled

REPEATABLE_WRITES = frozenset({"createLeads", "updateLeads", "updateLeadsV2", "deleteLeads"})
"""Writes that may be made twice: what was created exists (301), what was updated or deleted is so already (302).

Not so logCalls, which would log the call twice, and subscribeToLeadUpdates, which would have all pushes come twice.
"""
A_SECOND = 1.0  # the span of which the CRM's shortest limit speaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Tries in all, with the seconds between them: twice as many each time, and up to half of that more by chance."""

    tries: int
    first_pause: float = 0.5
    longest_pause: float = 8.0

    def pause(self, method: str, away: CrmAway, *, tried: int, roll: float) -> float | None:
        """Seconds until the next try; None when there is to be none."""
        if tried >= self.tries or isinstance(away, CrmQuotaSpent):
            return None
        if not (away.did_nothing or is_repeatable(method)):
            return None
        pause = min(self.first_pause * 2.0 ** (tried - 1), self.longest_pause) * (1 + roll / 2)
        return max(pause, A_SECOND) if isinstance(away, CrmThrottled) else pause


USUAL_TRIES = 4
ASK_ONCE, AS_A_PERSON = Patience(tries=1), Patience(tries=USUAL_TRIES)
"""For those who come back by themselves; for those who would only type it once more."""


def is_repeatable(method: str) -> bool:
    """Whether a call does no harm when it was made already."""
    return method.startswith("get") or method in REPEATABLE_WRITES
