"""The keys of what teams remember; documented as in `keys`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hookrouter.domain.ids import LeadKey, SourceName, TeamName
from hookrouter.store.report_keys import ReportKeys


@dataclass(frozen=True, slots=True)
class TeamKeys(ReportKeys):
    """The keys of teams under one prefix."""

    def assign(self) -> str:
        """Stream; route and enrich write, assign deletes; bounded by being drained.

        It has no partitions: one writer knows where all teams stand.

        Forget: the lead's entries go.
        """
        return f"{self.prefix}:assign"

    def team(self, team: TeamName) -> str:
        """String, the turns that a team's members had; assign writes; expires after a year without any.

        Forget: it names nobody but the team.
        """
        return f"{self.prefix}:team:{team}"

    def open_leads(self, team: TeamName, owner: str) -> str:
        """Sorted set of the leads that one member has and nobody touched, by when; assign writes; expires.

        Forget: the lead leaves it.
        """
        return f"{self.prefix}:open:{team}:{owner}"

    def given(self, source: SourceName, lead: LeadKey) -> str:
        """Hash of whom a lead was given to, by the team that was asked; assign writes; expires after a month.

        Forget: the lead's go.
        """
        return f"{self.prefix}:given:{source}:{digest_of(lead)}"

    def decisions(self) -> str:
        """Stream of whom leads were given to, and why; assign writes; capped, trimmed to retention.deliveries.

        Forget: the lead's entries go.
        """
        return f"{self.prefix}:decisions"


def digest_of(name: str) -> str:
    """What stands for a name in a key: a key may show up in a slow log, and who a lead is must not."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]
