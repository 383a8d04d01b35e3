"""Giving on: what waited while its lead went to another person is told to that person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.given_on import as_given_now, is_given
from hookrouter.ports.outbox import Dissolved, Outbox, OutboxEntry, Settlement
from hookrouter.usecases.delivering.duty import Duty


class GivingOn:
    """Makes sure that nobody is told "this is yours" of a lead that has since become another person's."""

    def __init__(self, duty: Duty, outbox: Outbox) -> None:
        self._duty = duty
        self._outbox = outbox

    async def look(self, entries: Sequence[OutboxEntry]) -> tuple[list[OutboxEntry], list[Settlement]]:
        """The entries as they are to be told now, and the settlements of digests that are now for several people."""
        asked = self._duty.asked
        of_people = [told for entry in entries for told in _told(entry) if told.route in asked and is_given(told)]
        if not of_people:
            return list(entries), []
        given = await self._outbox.given(list(dict.fromkeys(told.who for told in of_people)))
        going: list[OutboxEntry] = []
        ended: list[Settlement] = []
        for entry in entries:
            now = as_given_now(entry.delivery, asked, given)
            if now is not entry.delivery and not entry.confirmed and self._is_for_several(now):
                ended.append(Dissolved(entry=entry, deliveries=now.members))
            else:
                going.append(entry if now is entry.delivery else replace(entry, delivery=now))
        return going, ended

    def _is_for_several(self, delivery: Delivery) -> bool:
        """Whether this is a digest of leads that may no longer share a message."""
        return len({self._duty.digest_key(member) for member in delivery.members}) > 1


def _told(entry: OutboxEntry) -> Sequence[Delivery]:
    return entry.delivery.members or (entry.delivery,)
