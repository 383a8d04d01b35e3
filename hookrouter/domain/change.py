"""What a push changed: the lead compared with its last snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.lead import UPDATED_FIELD, Fields, Json, Lead, crm_time, is_empty, same_value

CREATED_WITHIN = timedelta(minutes=1)
"""A lead without a snapshot is new when its create and update times agree within this."""


class LeadEvent(StrEnum):
    """What a push says of a lead."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A lead as it is now, with what is known of how it was.

    Attributes:
        lead: the pushed fields laid over the snapshot's: what a partial push leaves out stands.
        changed: names of the fields that differ, in the lead's order.
        previous: the earlier values of the changed fields (None for a field that was not there).
        earlier_known: False when there is no snapshot to compare an updated lead with.
    """

    event: LeadEvent
    lead: Lead
    changed: tuple[str, ...]
    previous: Mapping[str, Json]
    earlier_known: bool


def compare(lead: Lead, snapshot: Fields | None) -> Change:
    """Judge a pushed lead by its last snapshot."""
    if snapshot is None:
        return _first_sight(lead)
    if _is_older(lead.updated_at, crm_time(snapshot.get(UPDATED_FIELD))):
        return Change(
            event=LeadEvent.STALE, lead=_laid_over(lead, snapshot), changed=(), previous={}, earlier_known=True
        )
    changed = tuple(
        name
        for name, value in lead.fields.items()
        if name != UPDATED_FIELD and not same_value(value, snapshot.get(name))
    )
    return Change(
        event=LeadEvent.UPDATED if changed else LeadEvent.UNCHANGED,
        lead=_laid_over(lead, snapshot),
        changed=changed,
        previous={name: snapshot.get(name) for name in changed},
        earlier_known=True,
    )


def _laid_over(lead: Lead, snapshot: Fields) -> Lead:
    return Lead(key=lead.key, fields={**snapshot, **lead.fields})


def _first_sight(lead: Lead) -> Change:
    created, updated = lead.created_at, lead.updated_at
    if created is None or updated is None or abs(updated - created) > CREATED_WITHIN:
        return Change(event=LeadEvent.UPDATED, lead=lead, changed=(), previous={}, earlier_known=False)
    changed = changed_from_nothing(lead.fields)
    return Change(
        event=LeadEvent.CREATED,
        lead=lead,
        changed=changed,
        previous=dict.fromkeys(changed),
        earlier_known=True,
    )


def changed_from_nothing(fields: Fields) -> tuple[str, ...]:
    """What a new lead's fields changed: all that it has, but for the moment of the change itself."""
    return tuple([name for name, value in fields.items() if (value or not is_empty(value)) and name != UPDATED_FIELD])


def _is_older(moment: datetime | None, than: datetime | None) -> bool:
    return moment is not None and than is not None and moment < than
