"""Fall back: what waits for a sink that has been dead for long goes to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hookrouter.domain.circuit import CircuitState
from hookrouter.domain.events import LeaseLost, SinkFellBack
from hookrouter.domain.fallback import Fallback, fallen_back
from hookrouter.domain.ids import SinkName
from hookrouter.ports.outbox import Cursor, FellBack, Outbox, OutboxEntry, Settlement, Standing, Suppressed
from hookrouter.ports.surroundings import Observer

ENTRIES_A_STEP = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FallBack:
    """Moves what waits in an outbox; while the far side is being probed, one delivery stays to probe it with."""

    sink: SinkName
    fallback: Fallback
    observer: Observer
    should_stop: Callable[[], bool]

    async def run(self, outbox: Outbox) -> None:
        """Move all that waits in a leased outbox, if the sink has been dead for long enough and nobody paused it."""
        standing = await outbox.standing()
        if standing.moves or not self.fallback.is_due(standing.circuit, standing.pause, standing.now):
            return
        while await self._may_go_on(outbox) and await outbox.recall():
            pass
        stays = not _is_paused(standing) and standing.circuit.state(standing.now) is CircuitState.PROBING
        cursor, moved = Cursor(), 0
        while await self._may_go_on(outbox) and (entries := await outbox.read(cursor, ENTRIES_A_STEP)):
            cursor = cursor.past(entries)
            # The newest stays, so that the oldest, which the silence kept back longest, are told first.
            going = entries[:-1] if stays and len(entries) < ENTRIES_A_STEP else entries
            if going and not await outbox.settle([self._moved(entry) for entry in going]):
                self.observer.report(LeaseLost(stream=f"outbox:{self.sink}"))
                return
            moved += len(going)
        if moved:
            self.observer.report(SinkFellBack(sink=self.sink, to=self.fallback.to, deliveries=moved))

    async def _may_go_on(self, outbox: Outbox) -> bool:
        """Whether to take another step; moving a large backlog takes longer than a lease lives, so it is renewed."""
        return not self.should_stop() and await outbox.renew()

    def _moved(self, entry: OutboxEntry) -> Settlement:
        if entry.confirmed:
            return Suppressed(entry=entry)
        return FellBack(entry=entry, deliveries=fallen_back(entry.delivery, self.fallback.to))


def _is_paused(standing: Standing) -> bool:
    return standing.pause is not None and standing.pause.holds(standing.now)
