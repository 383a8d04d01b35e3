"""What a push changed: the lead compared with its last snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.html_entities import decoded, decoded_value
from hookrouter.domain.lead import (
    CREATED_FIELD,
    ID_FIELDS,
    UPDATED_FIELD,
    Fields,
    Json,
    Lead,
    crm_time,
    is_empty,
    same_value,
)
from hookrouter.domain.push import Via

BOOKKEEPING = frozenset({*ID_FIELDS, "accountID", "trackingID", CREATED_FIELD, UPDATED_FIELD})
"""Fields whose change tells a person nothing; it counts all the same."""
CREATED_WITHIN = timedelta(minutes=1)
"""A lead without a snapshot is new when its create and update times agree within this."""
FARTHEST_AHEAD = timedelta(days=1)
"""Of the CRM's clock, with whatever zone it may be in."""


class LeadEvent(StrEnum):
    """What a push says of a lead."""

    CREATED = "created"
    UPDATED = "updated"
    ECHO = "echo"
    UNCHANGED = "unchanged"
    STALE = "stale"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A lead as it is now, with what is known of how it was.

    Attributes:
        lead: the pushed fields laid over the snapshot's, for what a partial push leaves out stands; its values as
            people mean them.
        received: the same as the CRM wrote it, which is to be the next snapshot.
        changed: names of the fields that differ, in the lead's order.
        previous: the earlier values of the changed fields (None for a field that was not there).
        earlier_known: False when there is no snapshot to compare an updated lead with.
    """

    event: LeadEvent
    lead: Lead
    received: Fields
    changed: tuple[str, ...]
    previous: Mapping[str, Json]
    earlier_known: bool


def compare(lead: Lead, snapshot: Fields | None, via: Via = Via.PUSH, now: datetime | None = None) -> Change:
    """Judge a lead that came by its last snapshot; both are as the CRM wrote them.

    A sweep brings what is deleted, unless that is known already, or the lead came back before its turn was here.

    Args:
        lead: as it came.
        snapshot: as last seen; None when it never was.
        via: how it came.
        now: the moment, if that is known.
    """
    change = _compare(lead, snapshot, now)
    is_news = change.event not in (LeadEvent.STALE, LeadEvent.UNCHANGED)
    return replace(change, event=LeadEvent.DELETED) if via is Via.SWEEP and is_news else change


def _compare(lead: Lead, snapshot: Fields | None, now: datetime | None) -> Change:
    if snapshot is None:
        return _first_sight(lead)
    received = {**snapshot, **lead.fields}
    seen = Lead(key=lead.key, fields=decoded(received))
    if _is_older(lead.updated_at, crm_time(snapshot.get(UPDATED_FIELD)), now):
        return Change(event=LeadEvent.STALE, lead=seen, received=received, changed=(), previous={}, earlier_known=True)
    changed = tuple(
        name for name, value in lead.fields.items() if name != UPDATED_FIELD and _differs(value, snapshot.get(name))
    )
    return Change(
        event=LeadEvent.UPDATED if changed else LeadEvent.UNCHANGED,
        lead=seen,
        received=received,
        changed=changed,
        previous={name: decoded_value(snapshot.get(name)) for name in changed},
        earlier_known=True,
    )


def _differs(value: Json, before: Json) -> bool:
    # The CRM encodes what its users type and not what its API is given: the same text may come either way.
    return not same_value(value, before) and not same_value(decoded_value(value), decoded_value(before))


def _first_sight(lead: Lead) -> Change:
    created, updated = lead.created_at, lead.updated_at
    seen = Lead(key=lead.key, fields=decoded(lead.fields))
    if created is None or updated is None or abs(updated - created) > CREATED_WITHIN:
        return Change(
            event=LeadEvent.UPDATED, lead=seen, received=lead.fields, changed=(), previous={}, earlier_known=False
        )
    changed = changed_from_nothing(lead.fields)
    return Change(
        event=LeadEvent.CREATED,
        lead=seen,
        received=lead.fields,
        changed=changed,
        previous=dict.fromkeys(changed),
        earlier_known=True,
    )


def changed_from_nothing(fields: Fields) -> tuple[str, ...]:
    """What a new lead's fields changed: all that it has, but for the moment of the change itself."""
    return tuple([name for name, value in fields.items() if (value or not is_empty(value)) and name != UPDATED_FIELD])


def telling(changed: Iterable[str]) -> list[str]:
    """Those of the changed fields that are worth a word."""
    return [name for name in changed if name not in BOOKKEEPING]


def _is_older(moment: datetime | None, than: datetime | None, now: datetime | None) -> bool:
    if moment is None or than is None or moment >= than:
        return False
    # A time that is yet to come after days is none of the CRM's: believed, it would make all that follows stale.
    return now is None or than - now <= FARTHEST_AHEAD
