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


def read_call(body: bytes) -> Params | None:
    """A request as it came; None when it is none."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return call if isinstance(call, dict) else None


def method_name(call: Params | None) -> str:
    """The method that is called, if it exists."""
    name = str((call or {}).get("method", ""))
    return name if name in METHODS else NO_METHOD


def answer_call(world: World, meter: CallMeter, call: Params | None) -> dict[str, Any]:
    """The answer to a request: result, error, and the request's id again."""
    call_id: Any = "" if call is None else call.get("id", "")
    try:
        result = _carry_out(world, meter, call)
    except Refused as refused:
        return {"result": [], "error": error_object(refused.code), "id": call_id}
    return {"result": result, "error": _error_of(result), "id": call_id}


def _carry_out(world: World, meter: CallMeter, call: Params | None) -> Result:
    meter.charge(method_name(call))
    if call is None:
        raise Refused(101)
    return _method_of(call)(world, _params_of(call))


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
