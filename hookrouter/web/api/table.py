"""All calls of the operator API."""

from __future__ import annotations

from hookrouter.web.api import (
    dead,
    deliveries,
    flow,
    leads,
    people,
    pushes,
    rejected,
    reports,
    silences,
    standing,
    trying,
)
from hookrouter.web.api.calls import Call

CALLS: tuple[Call, ...] = (
    *standing.CALLS,
    *flow.CALLS,
    *pushes.CALLS,
    *deliveries.CALLS,
    *leads.CALLS,
    *dead.CALLS,
    *rejected.CALLS,
    *silences.CALLS,
    *people.CALLS,
    *reports.CALLS,
    *trying.CALLS,
)
