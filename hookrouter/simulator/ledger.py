"""Who heard of which change: the truth against which a receiver's claims are held."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookrouter.simulator.lead_fields import SimulatedLead
from hookrouter.simulator.written import Written


@dataclass(frozen=True, slots=True)
class Noted:
    """A change with its number; the first change of all is 1."""

    number: int
    written: Written

    @property
    def lead(self) -> SimulatedLead:
        """The lead as it stood after it."""
        return self.written.lead

    @property
    def lead_id(self) -> str:
        """Whose change it is."""
        return self.lead["id"] or ""


@dataclass(slots=True)
class Ledger:
    """Each lead's last change, and the newest of which a push was taken."""

    changes: int = 0
    _last: dict[str, int] = field(default_factory=dict)
    _heard: dict[str, int] = field(default_factory=dict)

    def note(self, written: Written) -> Noted:
        """A lead changed."""
        self.changes += 1
        noted = Noted(self.changes, written)
        self._last[noted.lead_id] = noted.number
        return noted

    def hear(self, noted: Noted) -> None:
        """A subscriber took a push that brought this change."""
        self._heard[noted.lead_id] = max(noted.number, self._heard.get(noted.lead_id, 0))

    def is_overtaken(self, noted: Noted) -> bool:
        """Whether a newer change of the lead was taken already."""
        return self._heard.get(noted.lead_id, 0) > noted.number

    def changed(self) -> list[str]:
        """The ids of all leads that changed."""
        return list(self._last)

    def unheard(self) -> list[str]:
        """The ids of changed leads whose last change no subscriber took."""
        return [lead for lead, number in self._last.items() if self._heard.get(lead, 0) < number]

    def forget(self, lead_id: str) -> None:
        """A lead was deleted: of it nobody needs to hear any more."""
        self._last.pop(lead_id, None)
