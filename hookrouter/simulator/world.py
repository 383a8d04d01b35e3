"""Everything the simulated CRM knows."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.leads import LeadBook
from hookrouter.simulator.pushes import Pushes
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.timeline import Timelines

LISTS = {"422420482": "Newsletter", "422421506": "Spring fair", "422422530": "Customers & friends"}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the API's methods work on."""

    dials: Dials
    clock: Clock
    book: LeadBook
    timelines: Timelines
    pushes: Pushes

    @property
    def quirks(self) -> Quirks:
        """How they are just now."""
        return self.dials.quirks


def lists_of(lead_id: str) -> tuple[str, ...]:
    """The lists a lead is a member of; the same at every asking."""
    return tuple(LISTS)[: int(lead_id) // 1024 % (len(LISTS) + 1)]
