"""Hydration: which leads are read back from the CRM, and what becomes of a lead when its copy has been read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from hookrouter.domain.html_entities import decoded_value
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.lead import CREATED_FIELD, EMAIL_FIELD, ID_FIELDS, UPDATED_FIELD, Fields, Lead, is_empty, text_of

NEVER_EMPTY = ("id", "leadStatus", CREATED_FIELD, UPDATED_FIELD)
"""Fields that hold something in every lead that the CRM's API gives, so that no encoding of a push leaves them out:
a lead without one of them is not the whole lead (crm-api 4.1). The CRM's postbacks bring none of them but the id."""

_EMAIL = "email:"
_NEVER = datetime.min.replace(tzinfo=UTC)


class ReadBack(StrEnum):
    """Which leads of a source are read back before they are routed."""

    NEVER = "never"
    AUTO = "auto"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class ReadBacks:
    """What each source asks for; sources that are not named ask for nothing."""

    by_source: Mapping[SourceName, ReadBack] = field(default_factory=dict)

    def of(self, source: SourceName) -> ReadBack:
        """What a source asks for."""
        return self.by_source.get(source, ReadBack.NEVER)


NO_READ_BACK = ReadBacks()


def is_partial(fields: Fields) -> bool:
    """Whether a lead lacks what the CRM's own copy of it has."""
    return any(is_empty(fields.get(name)) for name in NEVER_EMPTY)


def says_only_who(fields: Fields) -> bool:
    """Whether a lead is named and nothing is told of it: what changed has to be asked for."""
    return all(name in {*ID_FIELDS, EMAIL_FIELD} or is_empty(value) for name, value in fields.items())


def is_read_back(lead: Lead, read_back: ReadBack) -> bool:
    """Whether a pushed lead waits for the CRM's copy of it."""
    return read_back is ReadBack.ALWAYS or (read_back is ReadBack.AUTO and is_partial(lead.fields))


def address_of(lead: Lead) -> str:
    """The e-mail address as the CRM is asked for it: without the entities that it writes."""
    return text_of(decoded_value(lead.fields.get(EMAIL_FIELD))).strip()


def name_at_the_crm(lead: Lead) -> LeadKey:
    """Under which name a pushed lead is looked for among the CRM's: its id, else its e-mail address."""
    return _by_address(lead) if lead.key.startswith(_EMAIL) else lead.key


def has_id(name: LeadKey) -> bool:
    """Whether a name is an id, and no address."""
    return not name.startswith(_EMAIL)


def by_name(copies: Iterable[Lead]) -> dict[LeadKey, Lead]:
    """The CRM's copies by id and by address; of two with one address the active one, or the one changed last."""
    found: dict[LeadKey, Lead] = {}
    for copy in sorted(copies, key=lambda copy: (text_of(copy.fields.get("active")) != "0", copy.updated_at or _NEVER)):
        found[copy.key] = copy
        if not is_empty(copy.fields.get(EMAIL_FIELD)):
            found[_by_address(copy)] = copy
    return found


def completed(pushed: Lead, copy: Lead) -> Lead:
    """A pushed lead with what it left out.

    The copy was read after the push had come, so where both have a field the copy says how it is now; only when
    the push names a later update than the copy (the CRM's reads may lag) the push is believed. What the copy does
    not have, such as the fields of a form, stays as pushed.
    """
    own = {name: value for name, value in pushed.fields.items() if name not in NEVER_EMPTY or not is_empty(value)}
    pushed_at, read_at = pushed.updated_at, copy.updated_at
    is_newer = pushed_at is not None and read_at is not None and pushed_at > read_at
    fields = {**copy.fields, **own} if is_newer else {**own, **copy.fields}
    return replace(copy, fields={**fields, "id": copy.fields["id"]})


def _by_address(lead: Lead) -> LeadKey:
    return LeadKey(f"{_EMAIL}{address_of(lead).lower()}")
