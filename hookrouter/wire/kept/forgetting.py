"""Records without a person: what is left of each kind of them when their leads are taken out."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import orjson

from hookrouter.domain.lead import EMAIL_FIELD, lead_key, text_of
from hookrouter.domain.person import BY_ADDRESS, Whom
from hookrouter.wire.kept.records import Reading, read_record

SOUND_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Shape(StrEnum):
    """The kinds of records that hold leads."""

    LEADS = "leads"
    DELIVERY = "delivery"
    DELIVERIES = "deliveries"
    ASSIGNING = "assigning"
    KEYED = "keyed"
    ATTEMPT = "attempt"
    CLICK = "click"
    DEAD_LETTER = "dead letter"
    REJECTION = "rejection"
    SNAPSHOT = "snapshot"


Taken = Any
"""The values that are left; None when nothing is, and the very same when nothing was theirs."""


def without(shape: Shape, record: bytes, whom: Whom, source: str = "") -> bytes | None:
    """The record without what is of somebody; None when nothing is left of it.

    Args:
        shape: what kind of record it is.
        record: as it is kept.
        whom: who is to go.
        source: where its lead came from, if the record does not say so.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading(shape):
        left = TAKEN_FROM[shape](values if shape is not Shape.SNAPSHOT else {**values, "source": source}, whom)
    if left is None:
        return None
    return record if left is values or shape is Shape.SNAPSHOT else orjson.dumps(left)


def without_places(record: bytes, places: frozenset[int]) -> bytes | None:
    """The record of how leads of a push were, without those at some places; None when nothing is left."""
    values = read_record(record)
    gone = {str(place) for place in places}
    with Reading("earlier state"):
        if gone.isdisjoint(values["leads"]):
            return record
        left = {name: _outside(value, gone) if isinstance(value, dict) else value for name, value in values.items()}
        return orjson.dumps(left) if left["leads"] else None


def _outside(by_place: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    return {place: told for place, told in by_place.items() if place not in gone}


def leads_before(record: bytes, count: int, whom: Whom) -> int:
    """How many of the first leads of an entry of the intake are somebody's."""
    values = read_record(record)
    with Reading("intake entry"):
        return sum(whom.has(values["source"], key, fields) for _, key, fields in values["leads"][:count])


def delivery_names(record: bytes) -> tuple[str, str, str]:
    """Source, lead and route of a delivery."""
    values = read_record(record)
    with Reading("delivery"):
        return str(values["source"]), str(values["key"]), str(values["route"])


def _leads(values: Any, whom: Whom) -> Taken:
    left = [each for each in values["leads"] if not whom.has(values["source"], each[1], each[2])]
    if len(left) == len(values["leads"]):
        return values
    return {**values, "leads": left} if left else None


def _delivery(values: Any, whom: Whom) -> Taken:
    members = values.get("members")
    if not members:
        return None if _is_theirs(values, whom) else values
    left = [each for each in members if not _is_theirs(each, whom)]
    if any(whom.knows(each["source"], each["key"]) for each in members):
        whom.note_delivery(values["id"])
    if len(left) == len(members):
        return values
    if not left:
        return None
    # What far sides answered to a message that told of them may repeat it.
    tries = [[*each[:-1], ""] for each in values.get("tries", ())]
    return {**values, "members": left, **({"tries": tries} if tries else {})}


def _is_theirs(delivery: Any, whom: Whom) -> bool:
    return whom.has(delivery["source"], delivery["key"], delivery["lead"], delivery.get("previous", {}))


def _deliveries(values: Any, whom: Whom) -> Taken:
    """Deliveries that wait together are of one lead."""
    return None if any([_is_theirs(each, whom) for each in values["deliveries"]]) else values  # noqa: C419 - learns of all


def _assigning(values: Any, whom: Whom) -> Taken:
    if "touched" in values:
        source, lead = values["touched"]
        return None if whom.has(source, lead) else values
    return _deliveries(values, whom)


def _keyed(values: Any, whom: Whom) -> Taken:
    fields = [each for each in (values.get("lead"), values.get("previous")) if isinstance(each, dict)]
    return None if whom.has(values["source"], values["key"], *fields) else values


def _attempt(values: Any, whom: Whom) -> Taken:
    """An entry of the log does not say of which source its lead is: the id alone tells."""
    if whom.knows(None, values["key"]):
        whom.note_delivery(values["id"])
        if str(values["reason"]).startswith("g_"):  # the digest that it became a part of
            whom.note_delivery(values["reason"])
    if whom.has(None, values["key"]):
        return None
    if whom.was_told_by(values["id"]) and values.get("answer"):
        return {**values, "answer": ""}
    return values


def _click(values: Any, whom: Whom) -> Taken:
    return None if whom.has(values["source"], values["lead"]) else values


def _dead_letter(values: Any, whom: Whom) -> Taken:
    left = _delivery(values["delivery"], whom)
    if left is None or left is values["delivery"]:
        return None if left is None else values
    return {**values, "delivery": left, "answer": ""}


def _rejection(values: Any, whom: Whom) -> Taken:
    return None if is_theirs(values["source"], values["lead"], whom) else values


def _snapshot(values: Any, whom: Whom) -> Taken:
    return None if is_theirs(values["source"], values["fields"], whom) else values


def is_theirs(source: str, lead: Any, whom: Whom) -> bool:
    """Whether a lead as it came, be it sound or not, is somebody's."""
    if not isinstance(lead, dict):
        return False
    key = lead_key(lead)
    if key is not None and whom.has(source, key, lead):
        return True
    if key is not None and (key.startswith(BY_ADDRESS) or SOUND_ID.fullmatch(key)):
        return False
    address = text_of(lead.get(EMAIL_FIELD)).strip().lower()  # an id of that kind is nobody's
    return bool(address) and whom.is_at(address)


TAKEN_FROM: dict[Shape, Callable[[Any, Whom], Taken]] = {
    Shape.LEADS: _leads,
    Shape.DELIVERY: _delivery,
    Shape.DELIVERIES: _deliveries,
    Shape.ASSIGNING: _assigning,
    Shape.KEYED: _keyed,
    Shape.ATTEMPT: _attempt,
    Shape.CLICK: _click,
    Shape.DEAD_LETTER: _dead_letter,
    Shape.REJECTION: _rejection,
    Shape.SNAPSHOT: _snapshot,
}
