"""The simulator's counts, as its status tells them."""

from __future__ import annotations

from typing import Any

from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.faults import Faults
from hookrouter.simulator.leads import LeadBook
from hookrouter.simulator.pushes import Pushes


def status_of(book: LeadBook, pushes: Pushes, meter: CallMeter, faults: Faults) -> dict[str, Any]:
    """Counts of what is there and what happened."""
    return {
        "leads": len(book),
        "changes": pushes.ledger.changes,
        "subscriptions": len(pushes.urls),
        **_of_pushes(pushes),
        **_of_calls(meter),
        "fault": faults.mode,
        "calls_struck": faults.struck,
    }


def _of_pushes(pushes: Pushes) -> dict[str, int]:
    counts = pushes.counts
    return {
        "changes_unsaid": counts.unsaid,
        "leads_lost": counts.lost,
        "leads_doubled": counts.doubled,
        "leads_reordered": counts.reordered,
        "leads_delayed": counts.delayed,
        "leads_overtaken": counts.leads_overtaken,
        "leads_unheard": len(pushes.ledger.unheard()),
        "leads_pushed": counts.leads_pushed,
        "leads_acked": counts.leads_acked,
        "leads_waiting": pushes.waiting_leads,
        "pushes_sent": counts.sent,
        "pushes_acked": counts.acked,
        "pushes_failed": counts.failed,
    }


def _of_calls(meter: CallMeter) -> dict[str, Any]:
    return {
        "calls": meter.calls,
        "calls_by_method": dict(meter.by_method),
        "calls_today": meter.used_today,
        "calls_over_rate": meter.over_rate,
        "calls_over_quota": meter.over_quota,
        "most_calls_in_a_second": meter.most_in_a_second,
    }
