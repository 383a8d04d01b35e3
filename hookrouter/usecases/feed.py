"""Feed: hand what was spooled while Redis was away to Redis, in its order, each under the name it was answered with."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.events import EntryUnreadable, SpoolFed
from hookrouter.ports.receiver import PushLog, Spool, SpooledPush
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Observer
from hookrouter.wire.push import read_push

AT_ONCE = 4
"""Pushes in memory, of up to 64 MiB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpool:
    """Empties the spool of this machine into the push log."""

    spool: Spool
    pushes: PushLog
    wake: Wake
    observer: Observer
    bounds: Bounds = USUAL

    def run(self) -> int:
        """Feed all that waits, unless another process does; how many pushes were fed.

        Raises:
            StoreAway: Redis is still away; what was not fed stays.
            SpoolAway: the spool cannot be read.
        """
        fed = 0
        with self.spool.feeding() as is_ours:
            while is_ours and (waiting := self.spool.oldest(AT_ONCE)):
                self.spool.remove([spooled for spooled in waiting if self._feed(spooled)])
                fed += len(waiting)
        if fed:
            self.observer.report(SpoolFed(pushes=fed))
        return fed

    def _feed(self, spooled: SpooledPush) -> bool:
        """Hand one push to Redis; False when it was set aside instead."""
        push = spooled.push
        try:
            batch = read_push(push.body, push.headers, self.bounds)
        except PushRefused:
            self.spool.set_aside(spooled)
            self.observer.report(EntryUnreadable(stream="spool", entry=push.id))
            return False
        _, rings = self.pushes.accept(push, batch)
        for stage in rings:
            self.wake.ring(stage)
        return True
