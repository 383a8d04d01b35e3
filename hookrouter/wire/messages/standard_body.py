"""The standard JSON body that HTTP sinks send unless they are told otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import orjson

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Via
from hookrouter.wire.kept.alerts import alert_values
from hookrouter.wire.kept.report import report_values
from hookrouter.wire.messages.template import assigned_context

CREATED = "lead.created"
UPDATED = "lead.updated"
DELETED = "lead.deleted"
REPORT = "report.weekly"
ALERT = "alert."
TYPES = {LeadEvent.CREATED: CREATED, LeadEvent.DELETED: DELETED}


def standard_body(delivery: Delivery) -> bytes:
    """The body as bytes; the same delivery gives the same bytes at every attempt."""
    return orjson.dumps(standard_message(delivery))


def standard_message(delivery: Delivery) -> dict[str, Json]:
    """The body as JSON values."""
    if delivery.report is not None:
        told = report_values(delivery.report)
        return {"type": REPORT, "timestamp": rfc3339(delivery.received_at), "data": told}
    if delivery.alert is not None:
        told = alert_values(delivery.alert)
        return {"type": f"{ALERT}{delivery.alert.news}", "timestamp": rfc3339(delivery.alert.at), "data": told}
    content: dict[str, Json] = {
        "lead": cast("dict[str, Json]", delivery.lead),
        "previous": cast("dict[str, Json]", delivery.previous),
        "changed": list(delivery.changed),
        "timeline": [dict(event) for event in delivery.timeline],
        "route": delivery.route,
        "source": delivery.source,
        "push": delivery.push,
    }
    if delivery.via is not Via.PUSH:
        content["via"] = delivery.via
    if delivery.step:
        content["follow_up"] = {"step": delivery.step, "say": delivery.say}
    if delivery.lists is not None:
        content["lists"] = list(delivery.lists)
    if delivery.lists_missing:
        content["lists_missing"] = delivery.lists_missing
    if delivery.assigned is not None:
        content["assigned"] = cast("dict[str, Json]", assigned_context(delivery.assigned))
    if delivery.timeline_missing:
        content["timeline_missing"] = delivery.timeline_missing
    return {
        "type": TYPES.get(delivery.event, UPDATED),
        "timestamp": rfc3339(delivery.received_at),
        "data": content,
    }


def rfc3339(moment: datetime) -> str:
    """A moment as `2026-03-04T15:20:11Z`; parts of a second are kept only if there are any."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat().removesuffix("+00:00") + "Z"
