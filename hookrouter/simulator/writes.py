"""The API's methods that write."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from hookrouter.simulator.params import Params, objects_of
from hookrouter.simulator.reads import Result
from hookrouter.simulator.refusals import Refused, error_object
from hookrouter.simulator.world import World
from hookrouter.simulator.written import Hand

CALL_FIELDS = ("userID", "leadID", "direction", "createTimestamp")
FIRST_CALL_ID = 346_800_001_024  # a call's id is this and its event's

LARGEST_RICH_WRITE = 250
MUCH = 10  # custom fields; the vendor speaks of "much custom data" and gives no number
CUSTOM_NAME = re.compile(r"_[0-9a-f]{13}$")

Write = Callable[[Any], int | None]


def create_leads(world: World, params: Params) -> Result:
    """Create leads; their ids come as numbers here."""
    objects = objects_of(params)
    if world.quirks.rich_creates_are_few and len(objects) > LARGEST_RICH_WRITE and any(map(_is_rich, objects)):
        raise Refused(209)
    return {"creates": _each(params, lambda given: int(world.book.create(given, hand=Hand.API)))}


def update_leads(world: World, params: Params) -> Result:
    """Update leads by id or e-mail address; what names no lead is a success."""
    return {"updates": _each(params, lambda given: world.book.update(given, hand=Hand.API))}


def update_leads_v2(world: World, params: Params) -> Result:
    """Update leads; what names no lead is refused with 404."""
    return {"updates": _each(params, lambda given: world.book.update(given, strict=True, hand=Hand.API))}


def delete_leads(world: World, params: Params) -> Result:
    """Delete leads by id."""
    if world.quirks.bare_ids:
        params = {"objects": [each if isinstance(each, dict) else {"id": each} for each in objects_of(params)]}
    return {"deletes": _each(params, lambda given: world.book.delete(given.get("id")))}


def log_calls(world: World, params: Params) -> Result:
    """Log calls; each becomes an event of its lead."""

    def log(given: Params) -> int:
        if any(given.get(name) in (None, "") for name in CALL_FIELDS):
            raise Refused(206)
        lead = world.book.by_id(given["leadID"])
        if lead is None:
            raise Refused(303)
        source = "incomingCall" if given["direction"] == "incoming" else "outgoingCall"
        event = world.timelines.note(lead, source, at=str(given["createTimestamp"]))
        return FIRST_CALL_ID + int(event.id)

    if world.quirks.flat_calls and "objects" not in params:
        params = {"objects": [params]}
    return {"creates": _each(params, log)}


def subscribe(world: World, params: Params) -> Result:
    """Push lead updates to a URL from now on."""
    url = params.get("url")
    if not isinstance(url, str) or not url:
        raise Refused(206)
    if urlsplit(url).scheme not in ("http", "https"):
        raise Refused(217)
    world.pushes.subscribe(url)
    return {"success": True}


def _is_rich(given: object) -> bool:
    return isinstance(given, dict) and sum(bool(CUSTOM_NAME.search(str(name))) for name in given) >= MUCH


def _each(params: Params, write: Write) -> list[Result]:
    """Write object by object; one that is refused hinders no other."""
    return [_result(given, write) for given in objects_of(params)]


def _result(given: object, write: Write) -> Result:
    if not isinstance(given, dict):
        return {"success": False, "error": error_object(208)}
    try:
        created = write(given)
    except Refused as refused:
        return {"success": False, "error": error_object(refused.code)}
    return {"success": True, "error": None} | ({} if created is None else {"id": created})
