"""The flow, the rules and the CRM, as the operator API shows them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from hookrouter.domain.flow import Flow
from hookrouter.runtime.overview import Overview
from hookrouter.web.api.calls import Asked, Call
from hookrouter.web.api.standing import part_values
from hookrouter.wire.api.flow import USUAL, CrmSchema, FlowQuery, FlowSchema, RulesSchema


def show_flow(asked: Asked) -> dict[str, Any]:
    """The picture of the flow, and its course."""
    flow = Overview(asked.runtime).flow()
    course = [{**asdict(point), "at": point.at.isoformat()} for point in flow.course(asked.query.get("last", USUAL))]
    return {**_picture(flow.look()), "course": course}


def _picture(flow: Flow) -> dict[str, Any]:
    sources = [
        {**asdict(each), "quiet_for": None if each.quiet_for is None else each.quiet_for.total_seconds()}
        for each in flow.sources
    ]
    sinks = [
        {
            **asdict(each),
            "type": each.kind,
            "waiting": each.facts.waiting,
            "standing": each.facts.standing,
            "shards": each.facts.shards,
        }
        for each in flow.sinks
    ]
    return {
        "at": flow.at.isoformat(),
        "since": _text(flow.since),
        "headline": flow.headline,
        "pushes": flow.pushes,
        "counts": {kind.value: count for kind, count in flow.kinds.items()},
        "staged": dict(flow.staged),
        "waiting": flow.waiting,
        "partitions": flow.partitions,
        "sources": sources,
        "routes": [asdict(each) for each in flow.routes],
        "sinks": sinks,
        "links": [asdict(each) for each in flow.links],
    }


def show_rules(asked: Asked) -> dict[str, Any]:
    """The configuration in force."""
    runtime = asked.runtime
    files = [
        {
            "name": file.name,
            "lines": list(file.lines),
            "routes": {str(line): route for line, route in file.routes.items()},
        }
        for file in Overview(runtime).rules()
    ]
    return {"revision": runtime.config.revision, "refused": runtime.watch.refused, "files": files}


def show_crm(asked: Asked) -> dict[str, Any]:
    """What is known of the CRM."""
    seen = Overview(asked.runtime).crm().look()
    quota, trust = seen.quota, seen.trust
    return {
        "at": seen.at.isoformat(),
        "is_configured": seen.is_configured,
        "parts": list(map(part_values, seen.parts)),
        "quota": None if quota is None else {"used": quota.used, "limit": quota.limit, "gives_way": quota.gives_way},
        "trust": None
        if trust is None
        else {
            "changes": trust.changes,
            "missed": trust.missed,
            "lag": trust.lag,
            "last_run": _text(trust.last_run),
        },
        "reconciled_up_to": _text(seen.reconciled.accounted),
        "reconciled_next": _text(seen.reconciled.due),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


CALLS = (
    Call(
        method="GET",
        path="/flow",
        does=show_flow,
        query=FlowQuery,
        answer=FlowSchema,
        about="Show the flow of leads from sources by routes to sinks, and its course over the last hours.",
    ),
    Call(
        method="GET",
        path="/rules",
        does=show_rules,
        answer=RulesSchema,
        about="Show the configuration that is in force, without secrets.",
    ),
    Call(
        method="GET",
        path="/crm",
        does=show_crm,
        answer=CrmSchema,
        about="Tell of the CRM: the day's calls, whether its pushes can be trusted, what reconcile found.",
    ),
)
