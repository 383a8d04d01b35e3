"""What stands in Redis, as bytes: every record names the version of its format.

A record of an older format stays readable for as long as one may be stored; one that cannot be read raises
`Unreadable` and is set aside, never dropped. One of a newer format raises `TooNew` and stays where it is, for a process
of the version that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

import orjson

from hookrouter.domain.change import LeadEvent, changed_from_nothing
from hookrouter.domain.delivery import Delivery, Occasion
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Fields, Lead
from hookrouter.domain.push import Via
from hookrouter.wire.kept.alerts import alert_of_values, alert_values
from hookrouter.wire.kept.assigned import assigned_of, assigned_values
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.report import report_of_values, report_values
from hookrouter.wire.kept.tries import read_try, write_try

FORMAT = 1
EVENTS = {event.value: event for event in LeadEvent}
"""To look one up costs a fifth of asking the class."""


class Unreadable(Exception):  # noqa: N818 - it reads as what happened
    """Raised for a record that this version cannot read."""


class TooNew(Unreadable):
    """Raised for a record of a format that only a later version knows."""


class Reading:
    """Turns whatever a record of wrong values raises within into `Unreadable`."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        """Say what ought to be there."""
        self._what = what

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        """Judge how it went."""
        if kind is not None and issubclass(kind, (LookupError, TypeError, ValueError, ArithmeticError, OSError)):
            raise Unreadable(f"no {self._what}") from None


def read_record(record: bytes) -> Any:
    """The values of a record of a known format."""
    with Reading("record"):
        values = orjson.loads(record)
        version = values["v"]
    if isinstance(version, int) and version > FORMAT:
        raise TooNew(f"format {version}")
    if version != FORMAT:
        raise Unreadable(f"format {version}")
    return values


def write_intake(
    push: PushId,
    source: SourceName,
    received_at: datetime,
    leads: Sequence[tuple[int, Lead]],
    via: Via = Via.PUSH,
) -> bytes:
    """Some leads of one push, each with its number therein."""
    values = _intake_values(push, source, received_at, leads)
    return orjson.dumps(values if via is Via.PUSH else {**values, "via": via})


def read_intake(record: bytes) -> tuple[tuple[Occasion, ...], tuple[Lead, ...]]:
    """What `write_intake` wrote."""
    return _occasions_and_leads(read_record(record))


def write_hydrating(
    push: PushId,
    source: SourceName,
    received_at: datetime,
    leads: Sequence[tuple[int, Lead]],
    *,
    prove: bool,
    asked: bool = False,
) -> bytes:
    """Some leads of one push that wait for the CRM's copies of them."""
    return orjson.dumps({**_intake_values(push, source, received_at, leads), "prove": prove, "asked": asked})


def read_hydrating(record: bytes) -> tuple[tuple[Occasion, ...], tuple[Lead, ...], bool, bool]:
    """What `write_hydrating` wrote."""
    values = read_record(record)
    occasions, leads = _occasions_and_leads(values)
    with Reading("entry to hydrate"):
        if not occasions:
            raise ValueError
        return occasions, leads, truth(values["prove"]), truth(values["asked"])


def _intake_values(
    push: PushId, source: SourceName, received_at: datetime, leads: Sequence[tuple[int, Lead]]
) -> dict[str, object]:
    return {
        "v": FORMAT,
        "push": push,
        "source": source,
        "at": in_milliseconds(received_at),
        "leads": [(place, lead.key, lead.fields) for place, lead in leads],
    }


def _occasions_and_leads(values: Any) -> tuple[tuple[Occasion, ...], tuple[Lead, ...]]:
    with Reading("intake entry"):
        push, source, at = (
            PushId(_text(values["push"])),
            SourceName(_text(values["source"])),
            of_milliseconds(values["at"]),
        )
        via = Via(values.get("via", Via.PUSH))
        occasions = tuple(
            Occasion(push=push, source=source, place=place, received_at=at, via=via) for place, _, _ in values["leads"]
        )
        leads = tuple(_lead(key, fields) for _, key, fields in values["leads"])
        return occasions, leads


def write_delivery(delivery: Delivery) -> bytes:
    """A delivery."""
    return orjson.dumps(delivery_values(delivery))


def read_delivery(record: bytes) -> Delivery:
    """What `write_delivery` wrote."""
    return delivery_of(read_record(record))


def write_values(values: Mapping[str, object]) -> bytes:
    """A record that only people read: an attempt, a dead letter's circumstances, a rejected lead."""
    return orjson.dumps({"v": FORMAT, **values})


def _lead(key: Any, fields: Any) -> Lead:
    return Lead(key=LeadKey(_text(key)), fields=_fields(fields))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def truth(value: Any) -> bool:
    """What is true or false. Raises `TypeError`."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def _fields(fields: Any) -> Fields:
    if not isinstance(fields, dict):
        raise TypeError
    return fields


def delivery_values(delivery: Delivery) -> dict[str, object]:
    """A delivery, as part of a record."""
    return {
        "v": FORMAT,
        "id": delivery.id,
        "sink": delivery.sink,
        "route": delivery.route,
        "push": delivery.push,
        "source": delivery.source,
        "at": in_milliseconds(delivery.received_at),
        "event": delivery.event,
        "key": delivery.lead_key,
        "lead": delivery.lead,
        **({} if delivery.event is LeadEvent.CREATED else {"changed": delivery.changed, "previous": delivery.previous}),
        **({"revision": delivery.revision} if delivery.revision else {}),
        **({} if delivery.via is Via.PUSH else {"via": delivery.via}),
        "timeline": delivery.timeline,
        "missing": delivery.timeline_missing,
        **({} if delivery.lists is None else {"lists": delivery.lists}),
        **({"unlisted": delivery.lists_missing} if delivery.lists_missing else {}),
        **({"step": delivery.step} if delivery.step else {}),
        **({"say": delivery.say} if delivery.say else {}),
        **({} if delivery.assigned is None else {"assigned": assigned_values(delivery.assigned)}),
        "attempts": delivery.attempts,
        "first": None if delivery.first_attempt_at is None else in_milliseconds(delivery.first_attempt_at),
        **({} if delivery.remainder is None else {"remainder": delivery.remainder}),
        **({"members": [delivery_values(each) for each in delivery.members]} if delivery.members else {}),
        **({"tries": [write_try(each) for each in delivery.tries]} if delivery.tries else {}),
        **({"instead": delivery.in_place_of} if delivery.in_place_of else {}),
        **({"late": delivery.late} if delivery.late else {}),
        **({"report": report_values(delivery.report)} if delivery.report is not None else {}),
        **({"alert": alert_values(delivery.alert)} if delivery.alert is not None else {}),
    }


def delivery_of(values: Any) -> Delivery:
    """What `delivery_values` made of it."""
    with Reading("delivery"):
        # A new lead's record leaves out what follows from its fields: it would be half of the record.
        earlier = "changed" in values
        changed = tuple(values["changed"]) if earlier else changed_from_nothing(values["lead"])
        return Delivery(
            id=DeliveryId(_text(values["id"])),
            sink=SinkName(_text(values["sink"])),
            route=RouteName(_text(values["route"])),
            push=PushId(_text(values["push"])),
            source=SourceName(_text(values["source"])),
            received_at=of_milliseconds(values["at"]),
            event=EVENTS[values["event"]],
            lead_key=LeadKey(_text(values["key"])),
            lead=_fields(values["lead"]),
            changed=changed,
            previous=_fields(values["previous"]) if earlier else dict.fromkeys(changed),
            revision=_text(values.get("revision", "")),
            via=Via(values["via"]) if "via" in values else Via.PUSH,
            timeline=tuple(map(_fields, values["timeline"])),
            timeline_missing=_text(values["missing"]),
            lists=tuple(map(_text, values["lists"])) if "lists" in values else None,
            lists_missing=_text(values.get("unlisted", "")),
            step=_text(values.get("step", "")),
            say=_text(values.get("say", "")),
            assigned=assigned_of(values["assigned"]) if "assigned" in values else None,
            attempts=int(values["attempts"]),
            first_attempt_at=None if values["first"] is None else of_milliseconds(values["first"]),
            remainder=values.get("remainder"),
            members=tuple(map(delivery_of, values["members"])) if "members" in values else (),
            tries=tuple(map(read_try, values["tries"])) if "tries" in values else (),
            in_place_of=SinkName(_text(values["instead"])) if "instead" in values else None,
            late=_text(values.get("late", "")),
            report=report_of_values(values["report"]) if "report" in values else None,
            alert=alert_of_values(values["alert"]) if "alert" in values else None,
        )
