"""What a delivery writes to the CRM."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from hookrouter.domain.ids import DeliveryId, LeadKey, RouteName, SinkName
from hookrouter.domain.lead import EMAIL_FIELD, Fields, Json, text_of
from hookrouter.domain.loops import LoopBounds


class Action(StrEnum):
    """What is done with the lead."""

    UPDATE = "update"
    CREATE = "create"
    DELETE = "delete"
    LOG_CALL = "log_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmWrite:
    """One object for the CRM, and whose it is.

    Attributes:
        values: the object as the API takes it, with what names the lead.
        try_of: which attempt of the delivery this is: the same again only when nobody wrote what came of it.
        loop: how often the same may be written.
    """

    action: Action
    values: Fields = field(repr=False)
    delivery: DeliveryId
    try_of: str
    route: RouteName
    sink: SinkName
    loop: LoopBounds = field(default_factory=LoopBounds)

    @property
    def lead(self) -> LeadKey:
        """Under which name the CRM will push the lead: by its id, unless only the e-mail address is known."""
        named = text_of(self.values.get("leadID" if self.action is Action.LOG_CALL else "id"))
        return LeadKey(named) if named else by_address(text_of(self.values.get(EMAIL_FIELD)))

    @property
    def fields(self) -> dict[str, Json]:
        """What of the lead is changed by it, by field; of a new lead all is new."""
        if self.action is not Action.UPDATE:
            return {}
        naming = "id" if self.values.get("id") else EMAIL_FIELD
        return {name: value for name, value in self.values.items() if name != naming}

    @property
    def content(self) -> str:
        """A name for what is written, the same whenever the same route writes the same."""
        parts = [self.sink, self.route, self.action.value]
        parts += [f"{name}\x1f{text_of(value)}" for name, value in sorted(self.values.items())]
        return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:24]


def by_address(address: str) -> LeadKey:
    """The name of a lead that is known by its e-mail address."""
    return LeadKey(f"email:{address.strip().lower()}")
