"""The table of the API's methods."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hookrouter.simulator import reads, writes
from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.params import Params
from hookrouter.simulator.reads import Result
from hookrouter.simulator.refusals import Refused, error_object
from hookrouter.simulator.world import World

NO_METHOD = "(none of these)"  # under which calls of unknown methods are counted

Method = Callable[[World, Params], Result]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "createLeads": writes.create_leads,
        "deleteLeads": writes.delete_leads,
        "getEvents": reads.get_events,
        "getEventsByType": reads.get_events_by_type,
        "getFields": reads.get_fields,
        "getLead": reads.get_lead,
        "getLeadListMemberships": reads.get_list_memberships,
        "getLeadTimeline": reads.get_lead_timeline,
        "getLeads": reads.get_leads,
        "getLeadsDateRange": reads.get_leads_date_range,
        "logCalls": writes.log_calls,
        "subscribeToLeadUpdates": writes.subscribe,
        "updateLeads": writes.update_leads,
        "updateLeadsV2": writes.update_leads_v2,
    }
)


def answer_call(world: World, meter: CallMeter, body: bytes) -> dict[str, Any]:
    """The answer to a request: result, error, and the request's id again."""
    request = _read(body)
    request_id: Any = "" if request is None else request.get("id", "")
    try:
        result = _carry_out(world, meter, request)
    except Refused as refused:
        return {"result": [], "error": error_object(refused.code), "id": request_id}
    return {"result": result, "error": _error_of(result), "id": request_id}


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return request if isinstance(request, dict) else None


def _carry_out(world: World, meter: CallMeter, request: Params | None) -> Result:
    name = str((request or {}).get("method", ""))
    meter.charge(name if name in METHODS else NO_METHOD)
    if request is None:
        raise Refused(101)
    return _method_of(request)(world, _params_of(request))


def _method_of(request: Params) -> Method:
    if "id" not in request:
        raise Refused(102)
    if not request.get("method"):
        raise Refused(201)
    method = METHODS.get(str(request["method"]))
    if method is None:
        raise Refused(204)
    return method


def _params_of(request: Params) -> Params:
    params = request.get("params")
    if params == []:  # PHP writes an empty map as a list
        return {}
    if not isinstance(params, dict):
        raise Refused(202)
    return params


def _error_of(result: Result) -> list[Any] | None:
    """Null after a read; after a write the list of the refused objects' errors, [] when there are none."""
    key, value = next(iter(result.items()))
    if key not in ("creates", "updates", "deletes"):
        return [] if key == "success" else None
    return [each["error"] for each in value if not each["success"]]
