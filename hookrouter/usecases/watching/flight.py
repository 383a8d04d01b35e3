"""One flight of the canary: its field changed in the CRM, and what became of it where its push does not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.canary import MARK, Canary
from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.push_path import Hindrance
from hookrouter.ports.surroundings import Clock
from hookrouter.ports.watching import Cage, WatchMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class Flights:
    """Sends a canary, and looks for it."""

    canary: Canary
    cage: Cage
    memory: WatchMemory
    clock: Clock

    def new_mark(self) -> str:
        """A value that the field never had."""
        return self.clock.new_id(MARK)

    async def begin(self, mark: str) -> str:
        """Have the CRM write a mark; why it did not, '' when it did."""
        try:
            return await self.cage.write(self.canary.lead, self.canary.field, mark)
        except (CrmAway, CrmRefused) as fault:
            return str(fault)

    async def not_written(self, mark: str) -> str:
        """Why nothing can be said of the way: the CRM has the mark not, or does not answer; '' when it has it."""
        try:
            if await self.cage.has(self.canary.lead, self.canary.field, mark):
                return ""
        except (CrmAway, CrmRefused) as fault:
            return str(fault)
        return (
            f"the CRM said that it changed {self.canary.field} of lead {self.canary.lead}, but the lead does not have "
            "it: does the field named in crm.canary take a text of 31 characters?"
        )

    async def hindrance(self, mark: str, since: datetime) -> Hindrance | None:
        """What may have kept the push of a mark that was written at a moment from us."""
        return await self.memory.hindrance(self.canary.source, mark, since)
