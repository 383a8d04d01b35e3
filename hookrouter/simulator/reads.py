"""The API's methods that read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from hookrouter.simulator.lead_fields import CUSTOM_FIELDS, SimulatedLead, describe_fields
from hookrouter.simulator.leads import TIME_FORMAT
from hookrouter.simulator.params import LARGEST_PAGE, Params, number_of, only_fields, page_of, where_of
from hookrouter.simulator.quirks import MembershipShape
from hookrouter.simulator.refusals import Refused
from hookrouter.simulator.timeline import MAIL_SYNC, Happening
from hookrouter.simulator.world import LISTS, World, lists_of
from hookrouter.wire.rules.events import EVENT_SOURCES

LARGEST_MEMBERSHIP = 100
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?")
_TIMESTAMPS = {"create": "createTimestamp", "update": "updateTimestamp"}

Result = dict[str, Any]


def get_lead(world: World, params: Params) -> Result:
    """One lead in a list; for an unknown id an object that has no id, as the CRM does (crm-api 3.5)."""
    if params.get("id") in (None, ""):
        raise Refused(206)
    lead = world.book.by_id(params["id"])
    if lead is None:
        return {"lead": [_pseudo_lead()] if world.quirks.pseudo_leads else []}
    return {"lead": only_fields(params, [lead])}


def get_leads(world: World, params: Params) -> Result:
    """Leads by id or e-mail address, or all active ones."""
    where = where_of(params)
    if not where.keys() <= {"id", "emailAddress"}:
        raise Refused(217)
    if not world.quirks.silent_cap and number_of(params, "limit", 0) > LARGEST_PAGE:
        raise Refused(209)
    found = _selected(world, where) if where else _listed(world, world.book)
    if not found and world.quirks.pseudo_leads_in_lists and not any(isinstance(each, list) for each in where.values()):
        return {"lead": [_pseudo_lead()] if where else []}
    return {"lead": only_fields(params, page_of(params, found, world.quirks.largest_page))}


def get_leads_date_range(world: World, params: Params) -> Result:
    """Active leads created or updated in a span of time."""
    start, end = _moment(params.get("startDate"), "00:00:00"), _moment(params.get("endDate"), "23:59:59")
    field = _TIMESTAMPS.get(str(params.get("timestamp")))
    if field is None:
        raise Refused(205)
    quirks = world.quirks
    if quirks.range_lag:
        shown = world.clock.now() - timedelta(seconds=quirks.range_lag)
        end = min(end, shown.strftime(TIME_FORMAT))
    found = _listed(world, world.book.changed_between(start, end, field))
    asked = params if quirks.range_pages else {}
    gives_more = quirks.range_above_500 and quirks.largest_page == LARGEST_PAGE
    page = page_of(asked, found, most=None if gives_more else quirks.largest_page)
    return {"lead": only_fields(params, page)}


def get_lead_timeline(world: World, params: Params) -> Result:
    """A lead's events, without ids."""
    where = where_of(params)
    given = where.get("eventSource")
    sources = [part.strip() for part in str(given).split(",")] if given else []
    events = world.timelines.of_lead(where.get("whoID"), sources)
    wanted = [event.as_timeline() for event in events if _fits(event, where)]
    return {"leadTimeline": page_of(params, wanted)}


def get_events(world: World, params: Params) -> Result:
    """Events with ids, of one lead or of all, after a moment or of all times."""
    if world.quirks.get_events_gone:
        raise Refused(204)
    hidden = MAIL_SYNC if world.quirks.mail_sync_hidden else frozenset[str]()
    events = [event for event in _events(world, where_of(params)) if event.source not in hidden]
    return {"event": _told(world, page_of(params, events))}


def get_events_by_type(world: World, params: Params) -> Result:
    """Events of some sources in the order of time; of a lead or after a moment, for one of them must be said."""
    where = where_of(params)
    if not (where.get("leadID") or where.get("createTimestamp")):
        raise Refused(206)
    sources = {part.strip() for part in str(where.get("eventSource") or "").split(",")}
    if not sources <= EVENT_SOURCES:
        raise Refused(219)
    events = sorted(_events(world, where), key=lambda event: event.at)
    return {"event": _told(world, page_of(params, [event for event in events if event.source in sources]))}


def _told(world: World, events: Sequence[Happening]) -> list[dict[str, Any]]:
    return [event.as_event(world.quirks.event_detail) for event in events]


def _events(world: World, where: Params) -> list[Happening]:
    lead = world.book.by_id(where["leadID"]) if where.get("leadID") else None
    if where.get("leadID") and lead is None:
        return []
    events = world.timelines.of_lead(lead["id"]) if lead else world.timelines.of_all()
    after = str(where.get("createTimestamp") or "")
    return [event for event in events if event.at > after]


def get_list_memberships(world: World, params: Params) -> Result:
    """The lists that leads are members of."""
    members = params.get("memberIDs")
    if not isinstance(members, list):
        raise Refused(206)
    if len(members) > LARGEST_MEMBERSHIP:
        raise Refused(222)
    known = [str(member) for member in members if world.book.by_id(member)]
    if world.quirks.memberships is MembershipShape.MAP:
        return {"getWhereIns": {member: [LISTS[each] for each in lists_of(member)] for member in known}}
    return {
        "getWhereIns": [
            {"memberID": member, "listID": each, "listName": LISTS[each]}
            for member in known
            for each in lists_of(member)
        ]
    }


def get_fields(_world: World, params: Params) -> Result:
    """The fields of a lead."""
    return {"field": page_of(params, describe_fields())}


def _pseudo_lead() -> SimulatedLead:
    return {"leadStatus": "open", **dict.fromkeys(CUSTOM_FIELDS, "")}


def _listed(world: World, leads: Iterable[SimulatedLead]) -> list[SimulatedLead]:
    """Those of the leads that stand in lists."""
    return [lead for lead in leads if lead["active"] == "1" or not world.quirks.inactive_hidden]


def _selected(world: World, where: Params) -> list[SimulatedLead]:
    """Ids win over addresses, a list over a single value."""
    names = [name for name in ("id", "emailAddress") if where.get(name) is not None]
    name = next((name for name in names if isinstance(where[name], list)), names[0] if names else "id")
    values = where.get(name)
    wanted = values if isinstance(values, list) else [values]
    if len(wanted) > LARGEST_PAGE:
        raise Refused(209)
    find = world.book.by_id if name == "id" else world.book.by_email
    leads = {lead["id"]: lead for lead in map(find, wanted) if lead}
    return sorted(leads.values(), key=lambda lead: int(lead["id"] or 0))


def _moment(value: object, time_of_day: str) -> str:
    text = str(value)
    if not _MOMENT.fullmatch(text):
        raise Refused(205)
    return text if " " in text else f"{text} {time_of_day}"


def _fits(event: Happening, where: Params) -> bool:
    """The conditions beside lead and source that clients were seen to send."""
    return (
        where.get("eventName") in (None, event.name)
        and where.get("whatType") in (None, event.what)
        and event.at >= str(where.get("createTimestamp") or "")
    )
