"""What the simulator and the receiver say of themselves, as the demo reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

SKIPPED = frozenset({"unchanged", "stale"})  # judged, and meant for no route


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """The simulator's account."""

    pushes: int = 0
    leads: int = 0
    leads_acked: int = 0
    leads_waiting: int = 0
    """Changed, and not answered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The counters of hookrouter's processes."""

    rejected: int = 0
    judged: Mapping[str, int] = field(default_factory=dict)
    """Leads judged by the routes, by what they were: created, updated, unchanged, stale."""
    deliveries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Attempts, by sink and outcome."""

    @property
    def skipped(self) -> int:
        """Leads that were pushed and are meant for nobody."""
        return self.rejected + sum(count for happened, count in self.judged.items() if happened in SKIPPED)

    @property
    def dead(self) -> int:
        """Deliveries that ended as dead letters."""
        return sum(count for (_, outcome), count in self.deliveries.items() if outcome == "dead")


def read_status(status: Mapping[str, Any]) -> Pushed:
    """The simulator's `GET /`."""
    return Pushed(
        pushes=int(status["pushes_sent"]),
        leads=int(status["leads_pushed"]),
        leads_acked=int(status["leads_acked"]),
        leads_waiting=int(status["leads_waiting"]),
    )


def read_metrics(text: str) -> Counted:
    """The receiver's `GET /metrics`."""
    rejected = 0
    judged: Counter[str] = Counter()
    deliveries: Counter[tuple[str, str]] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels, count = sample.labels, int(sample.value)
            match sample.name:
                case "hookrouter_leads_total" if labels["result"] == "rejected":
                    rejected += count
                case "hookrouter_routed_total":
                    judged[labels["happened"]] += count
                case "hookrouter_deliveries_total":
                    deliveries[labels["sink"], labels["outcome"]] += count
                case _:
                    pass
    return Counted(rejected=rejected, judged=judged, deliveries=deliveries)
