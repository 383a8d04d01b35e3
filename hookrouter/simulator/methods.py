"""The table of the API's methods."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.simulator import reads, writes
from hookrouter.simulator.call_meter import CallMeter
from hookrouter.simulator.params import Params
from hookrouter.simulator.reads import Result
from hookrouter.simulator.refusals import Refused, error_object
from hookrouter.simulator.world import World
from hookrouter.simulator.zones import brought_to_utc, told_in_zone

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


DOCUMENTED_KEYS = MappingProxyType(
    {"getLead": "leads", "getLeads": "leads", "getLeadsDateRange": "leads", "getEvents": "fields"}
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


def answer_call(world: World, meter: CallMeter, call: Params | None, zone: ZoneInfo | None = None) -> dict[str, Any]:
    """The answer to a request: result, error, and the request's id again; times are told in `zone`, else in UTC."""
    call_id: Any = "" if call is None else call.get("id", "")
    name = method_name(call)
    try:
        meter.charge(name)
        result = _carry_out(world, call, zone)
    except Refused as refused:
        return {"result": [], "error": error_object(refused.code), "id": call_id}
    error = _error_of(result, on_top=world.quirks.errors_on_top)
    if world.quirks.documented_keys and name in DOCUMENTED_KEYS:
        [rows] = result.values()
        result = {DOCUMENTED_KEYS[name]: rows}
    return {"result": result, "error": error, "id": call_id}


def _carry_out(world: World, call: Params | None, zone: ZoneInfo | None) -> Result:
    if call is None:
        raise Refused(101)
    method, params = _method_of(call), _params_of(call)
    if zone is None:
        return method(world, params)
    result = method(world, brought_to_utc(params, zone))
    in_utc = world.quirks.range_in_utc and method is reads.get_leads_date_range
    return result if in_utc else told_in_zone(result, zone)


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


def _error_of(result: Result, *, on_top: bool) -> list[Any] | None:
    """Null after a read; after a write the list of the refused objects' errors, [] when there are none."""
    key, value = next(iter(result.items()))
    if key not in ("creates", "updates", "deletes"):
        return [] if key == "success" else None
    errors = [each["error"] for each in value if not each["success"]]
    return errors if on_top or not errors else None
