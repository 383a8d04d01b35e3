"""Look at the CRM: the day's calls, whether its pushes come and can be trusted, what reconcile and the sweep found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.crm_health import calls_part, crm_part, loops_part, sweep_part, trust_part, withheld_part
from hookrouter.domain.health import Part
from hookrouter.domain.ids import SourceName
from hookrouter.domain.quota import Quota
from hookrouter.domain.reconciling import PushTrust
from hookrouter.domain.watch_report import WatchReport, watch_parts
from hookrouter.ports.census import Census
from hookrouter.ports.reconciling import Reconciled, ReconcileLog
from hookrouter.ports.surroundings import Clock

MOST_RUNS = 20
"""That are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePlan:
    """Of which source, how often it is reconciled and swept."""

    source: SourceName
    every: timedelta
    sweep: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmSeen:
    """What is known of the CRM.

    Attributes:
        parts: the same that `/health` tells of it.
        quota: None without a CRM.
        trust: over a day; None where nothing is reconciled.
        watched: None where nobody watches over its pushes.
        plan: None where nothing is reconciled; `reconciled` is empty then.
    """

    at: datetime
    is_configured: bool
    parts: Sequence[Part]
    quota: Quota | None
    trust: PushTrust | None
    watched: WatchReport | None
    plan: ReconcilePlan | None
    reconciled: Reconciled


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtCrm:
    """Looks, and asks the CRM nothing."""

    census: Census
    log: ReconcileLog
    clock: Clock
    is_configured: bool
    plan: ReconcilePlan | None

    def look(self) -> CrmSeen:
        """What is known now.

        Raises:
            StoreAway: Redis does not answer.
        """
        now, census = self.clock.now(), self.census
        quota, trust, watched = census.crm_quota(), census.push_trust(now), census.watch_report(now)
        away = census.crm_away() if self.is_configured else None
        told = [
            crm_part(away, is_configured=self.is_configured),
            withheld_part(census.withheld(), away, quota, now),
            calls_part(quota, away),
            *watch_parts(watched, now),
            trust_part(trust),
            sweep_part(census.sweep_doubt()),
            loops_part(census.crm_loops(), now),
        ]
        return CrmSeen(
            at=now,
            is_configured=self.is_configured,
            parts=[part for part in told if part is not None],
            quota=quota,
            trust=trust,
            watched=watched,
            plan=self.plan,
            reconciled=Reconciled() if self.plan is None else self.log.of(self.plan.source, MOST_RUNS),
        )
