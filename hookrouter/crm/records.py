"""What is read from the CRM as values: leads, events and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.html_entities import decoded
from hookrouter.domain.lead import (
    CREATED_FIELD,
    EMAIL_FIELD,
    ID_FIELDS,
    UPDATED_FIELD,
    Fields,
    Json,
    crm_time,
    text_of,
)

Raw = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmLead:
    """A lead as the CRM has it.

    Attributes:
        id: the CRM's id of it, as text.
        fields: all that was asked for as people mean it, `&` for `&amp;`; the CRM's times are in UTC.
        raw: likewise, as the CRM writes it.
    """

    id: str
    fields: Fields = field(repr=False)
    raw: Fields = field(repr=False)

    def __getitem__(self, name: str) -> Json:
        """A field by its name in the CRM."""
        return self.fields[name]

    def get(self, name: str, otherwise: Json = None) -> Json:
        """A field by its name in the CRM, if it has it."""
        return self.fields.get(name, otherwise)

    @property
    def email(self) -> str:
        """Its e-mail address; '' if it has none."""
        return text_of(self.fields.get(EMAIL_FIELD))

    @property
    def is_active(self) -> bool:
        """Whether it is active; one whose `active` was not asked for counts as such."""
        return text_of(self.fields.get("active", "1")) != "0"

    @property
    def created_at(self) -> datetime | None:
        """When it was created."""
        return crm_time(self.fields.get(CREATED_FIELD))

    @property
    def updated_at(self) -> datetime | None:
        """When it was last changed, to the second."""
        return crm_time(self.fields.get(UPDATED_FIELD))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmEvent:
    """Something that a lead did, or that was done about it.

    Attributes:
        lead: the id of the lead.
        source: the kind of event, such as `emailOpened`; '' where the CRM does not tell.
        name: what the CRM calls it, for people.
        at: when it was.
        id: the CRM's id of it; a lead's timeline has none, and there equal events are as many events.
        raw: all that the CRM tells of it.
    """

    lead: str
    source: str
    name: str
    at: datetime | None
    id: str | None = None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmField:
    """A field that leads have.

    Attributes:
        name: by which reads, writes and pushes know it: its systemName.
        label: what people call it.
        kind: its dataType, such as `string` or `picklist`.
        is_custom: whether the account added it.
        raw: all that the CRM tells of it.
    """

    name: str
    label: str
    kind: str
    is_custom: bool
    raw: Raw = field(repr=False)


def lead_of(row: Raw) -> CrmLead:
    """A lead as a value."""
    return CrmLead(id=text_of(row["id"]), fields=decoded(row), raw=row)


def event_of(row: Raw) -> CrmEvent:
    """An event of any of the three methods as a value."""
    return CrmEvent(
        lead=next((text_of(row[name]) for name in ID_FIELDS if name != "id" and row.get(name)), ""),
        source=text_of(row.get("eventSource")),
        name=text_of(row.get("eventName")),
        at=crm_time(row.get(CREATED_FIELD)),
        id=text_of(row.get("id")) or None,
        raw=row,
    )


def field_of(row: Raw) -> CrmField:
    """A field as a value."""
    return CrmField(
        name=text_of(row.get("systemName")),
        label=text_of(row.get("label")),
        kind=text_of(row.get("dataType")),
        is_custom=text_of(row.get("isCustom")) == "1",
        raw=row,
    )
