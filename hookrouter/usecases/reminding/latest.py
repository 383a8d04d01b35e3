"""Leads as the CRM has them now, for those who cannot trust that each change was pushed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.hydration import by_name, has_id
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.lead import EMAIL_FIELD, Fields, Lead, text_of
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.ports.crm import LeadCopies
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import NotInTime, Turns
from hookrouter.wire.pushes.lead_schema import read_batch

LEFT_ALONE = timedelta(seconds=30)
"""How long a CRM that did not answer is not asked: a timely reminder is worth more than the last word on its lead."""
TURN_WITHIN = timedelta(seconds=10)


@dataclass(slots=True, kw_only=True)
class LatestLeads:
    """Asks the CRM; `copies` is None where none is configured.

    Attributes:
        source: whose pushes come from this account; None when that is not known.
    """

    copies: LeadCopies | None
    turns: Turns
    clock: Clock
    observer: Observer
    source: SourceName | None
    bounds: Bounds = USUAL
    _alone_until: float = field(default=0.0, init=False)

    async def of(self, clocks: Iterable[LeadClock]) -> Mapping[LeadKey, Lead]:
        """The leads of clocks as the CRM has them, up to 500; those it does not tell of are left out.

        Raises:
            ToldToStop: there is no time left.
        """
        ids = dict.fromkeys(clock.key for clock in clocks if has_id(clock.key))
        if self.copies is None or not ids or self.clock.monotonic() < self._alone_until:
            return {}
        try:
            await self.turns.wait(self.clock.now() + TURN_WITHIN)
            rows = await self.copies.by_ids(list(ids))
        except (CrmAway, CrmRefused) as fault:
            self._leave_alone()
            self.observer.report(NeighbourFailed(neighbour="crm", reason=str(fault)))
            return {}
        except NotInTime:
            self._leave_alone()
            return {}
        return by_name([lead for _, lead in read_batch(list(rows), self.bounds).accepted])

    def _leave_alone(self) -> None:
        self._alone_until = self.clock.monotonic() + LEFT_ALONE.total_seconds()

    def newest(self, clock: LeadClock, seen: Fields | None, copies: Mapping[LeadKey, Lead]) -> Fields:
        """The newest that is known of a clock's lead: from the CRM, else from a push, else as the clock took it."""
        known = clock.lead if seen is None else seen
        copy = copies.get(clock.key)
        if copy is None or not self._is_same(clock, known, copy):
            return known
        before = Lead(key=clock.key, fields=known).updated_at
        if before is not None and copy.updated_at is not None and copy.updated_at < before:
            return known  # the CRM reads from a copy that lags behind what it pushed
        return {**known, **copy.fields}

    def _is_same(self, clock: LeadClock, known: Fields, copy: Lead) -> bool:
        """Whether a copy is of the clock's lead, since another account may use the same id for another lead."""
        if self.source is not None:
            return clock.who[0] == self.source
        one, other = (text_of(fields.get(EMAIL_FIELD)).strip().lower() for fields in (known, copy.fields))
        return not one or one == other
