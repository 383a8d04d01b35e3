"""Figures and the audit log, as the operator API shows them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from hookrouter.domain.figures import KEPT
from hookrouter.domain.weekly import DAY, span_said
from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.questions import span_of
from hookrouter.wire.api.reports import AuditPage, AuditQuery, ReportQuery, ReportSchema
from hookrouter.wire.kept.report import report_values


def show_report(asked: Asked) -> dict[str, Any]:
    """What became of the leads of some days."""
    today = asked.runtime.days.of(asked.now)
    since, week = asked.query.get("since"), asked.query.get("week")
    try:
        span = span_said(since, week, today, kept=KEPT)
    except ValueError as fault:
        raise ValidationError(str(fault), "week" if since is None else "since") from None
    return report_values(asked.runtime.make_report().of(span, kept_since=today - KEPT + DAY))


def list_deeds(asked: Asked) -> dict[str, Any]:
    """What operators did."""
    query = asked.query
    since, until = span_of(query, asked.now)
    page = asked.desk.audit().list(
        limit=query["limit"],
        after=query.get("after"),
        act=query.get("act"),
        by=query.get("by"),
        since=since,
        until=until,
    )
    return asked.page(page)


CALLS = (
    Call(
        method="GET",
        path="/report",
        does=show_report,
        query=ReportQuery,
        answer=ReportSchema,
        about="Tell what became of the leads, by day, route and person.",
    ),
    Call(
        method="GET",
        path="/audit",
        does=list_deeds,
        query=AuditQuery,
        answer=AuditPage,
        about="List what operators did, the newest first.",
    ),
)
