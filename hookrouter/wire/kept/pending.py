"""Pending leads, and what leads wait for, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hookrouter.domain.change import Change, LeadEvent, changed_from_nothing
from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.domain.lead import Json, Lead
from hookrouter.domain.pending import Pending
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.occasions import occasion_of, occasion_values, of_kind
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_pending(pending: Pending) -> bytes:
    """A pending lead, but for what the CRM wrote it as: that is its snapshot by now."""
    occasion, change = pending.occasion, pending.change
    # As in a delivery's record, what follows from a new lead's fields is left out.
    earlier = {} if change.event is LeadEvent.CREATED else {"changed": change.changed, "previous": change.previous}
    return write_values(
        {
            **occasion_values(occasion),
            "event": change.event,
            "key": change.lead.key,
            "lead": change.lead.fields,
            **earlier,
            "known": change.earlier_known,
            "routes": pending.routes,
            **({"routed": True} if pending.is_routed else {}),
        }
    )


def read_pending(record: bytes) -> Pending:
    """What `write_pending` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("pending lead"):
        occasion = occasion_of(values)
        routes = tuple(RouteName(of_kind(str, name)) for name in of_kind(list, values["routes"]))
        is_routed = of_kind(bool, values.get("routed", False))
        return Pending(occasion=occasion, change=_change(values), routes=routes, is_routed=is_routed)


def write_timeline(asked_at: datetime, events: Sequence[Mapping[str, Json]]) -> bytes:
    """A history as the CRM told it at a moment."""
    return write_values({"at": in_milliseconds(asked_at), "events": list(events)})


def read_timeline(record: bytes) -> tuple[datetime, Sequence[Mapping[str, Json]]]:
    """What `write_timeline` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("history"):
        return of_milliseconds(values["at"]), [of_kind(dict, event) for event in of_kind(list, values["events"])]


def write_memberships(names: Sequence[str]) -> bytes:
    """The names of the lists that a lead is on."""
    return write_values({"lists": list(names)})


def read_memberships(record: bytes) -> tuple[str, ...]:
    """What `write_memberships` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("memberships"):
        return tuple(of_kind(str, name) for name in of_kind(list, values["lists"]))


def _change(values: Any) -> Change:
    fields: dict[str, Any] = of_kind(dict, values["lead"])
    earlier = "changed" in values
    changed = tuple(of_kind(list, values["changed"])) if earlier else changed_from_nothing(fields)
    return Change(
        event=LeadEvent(values["event"]),
        lead=Lead(key=LeadKey(of_kind(str, values["key"])), fields=fields),
        received=fields,
        changed=changed,
        previous=of_kind(dict, values["previous"]) if earlier else dict.fromkeys(changed),
        earlier_known=of_kind(bool, values["known"]),
    )
