"""The keys of the CRM: what it told, what was written to it, how its pushes arrive; documented as in `keys`."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import DeliveryId, LeadKey, SourceName
from hookrouter.store.team_keys import digest_of
from hookrouter.store.waiting_keys import WaitingKeys


@dataclass(frozen=True, slots=True)
class CrmKeys(WaitingKeys):
    """The keys of the CRM, and of what waits, under one prefix."""

    def timeline(self, lead: str, source: str | None) -> str:
        """String, a lead's history as the CRM told it; enrich writes; expires after minutes. Forget: the lead's go."""
        return f"{self.prefix}:timeline:{digest_of(lead)}:{source or 'all'}"

    def memberships(self, lead: str) -> str:
        """String, the lists that a lead is on as the CRM told them; enrich writes; expires after minutes.

        Forget: the lead's go.
        """
        return f"{self.prefix}:memberships:{digest_of(lead)}"

    def crm_away(self) -> str:
        """String, why the CRM does not tell; hydrate and enrich write, and delete it then; expires after minutes.

        Forget: it names nobody.
        """
        return f"{self.prefix}:crm-away"

    def crm_calls(self) -> str:
        """Hash of the CRM's turns and the day's calls; who takes a turn writes; expires after two days.

        Forget: it names nobody.
        """
        return f"{self.prefix}:crm-calls"

    def written(self, source: SourceName, lead: LeadKey) -> str:
        """Hash of the fields that we wrote to a lead at the CRM; deliver writes, route deletes; expires after a day.

        Forget: the lead's go.
        """
        return f"{self.prefix}:written:{source}:{digest_of(lead)}"

    def rounds(self, lead: LeadKey) -> str:
        """Hash of how often what was written to a lead at the CRM; deliver writes; expires with the sink's `loop`.

        Forget: the lead's go.
        """
        return f"{self.prefix}:rounds:{digest_of(lead)}"

    def call_begun(self, delivery: DeliveryId) -> str:
        """String, the attempt at which a delivery began to log a call; deliver writes; expires after days.

        Forget: it names nobody.
        """
        return f"{self.prefix}:call-begun:{delivery}"

    def loops(self) -> str:
        """Hash of the routes whose loops were broken, by `sink:route`, with when; deliver writes; expires in hours.

        Forget: it names nobody.
        """
        return f"{self.prefix}:loops"

    def baseline(self, source: SourceName) -> str:
        """String, how many leads a baseline has read; it writes, and deletes it at its end; expires after a day.

        Forget: it names nobody.
        """
        return f"{self.prefix}:baseline:{source}"

    def reconcile(self, source: SourceName) -> str:
        """Hash of when a source is due, and up to when accounted for; reconcile writes; bounded by its fields.

        Forget: it names nobody.
        """
        return f"{self.prefix}:reconcile:{source}"

    def reconciled(self, source: SourceName) -> str:
        """List of what the last runs found, the newest first; reconcile writes; capped, expires after weeks.

        Forget: it names nobody.
        """
        return f"{self.prefix}:reconciled:{source}"

    def arrivals(self, source: SourceName) -> str:
        """Sorted set of when a push came last, one by each token, and callers refused; receive writes and trims it.

        Forget: it names nobody.
        """
        return f"{self.prefix}:arrivals:{source}"

    def busy(self, source: SourceName, hour: int) -> str:
        """String of bits, the minutes of an hour in which a push came; receive writes; expires after two days.

        Forget: it names nobody.
        """
        return f"{self.prefix}:busy:{source}:{hour}"

    def watch(self, source: SourceName) -> str:
        """Hash of how the way of pushes is and what is usual; who watches it writes; bounded by a week's hours.

        Forget: it names nobody.
        """
        return f"{self.prefix}:watch:{source}"

    def watching(self, source: SourceName) -> str:
        """Stream that is never there: its lease is what who watches a source writes; it expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:watching:{source}"

    def canary(self, mark: str) -> str:
        """String, when the push of a canary came; route writes; expires after a day. Forget: it names nobody."""
        return f"{self.prefix}:canary:{mark}"
