"""Feed: hand what was spooled to Redis, in its order, each under the name it was answered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from hookrouter.domain.errors import NotReplicated, PushRefused
from hookrouter.domain.events import EntryUnreadable
from hookrouter.domain.spool_events import SpoolFed
from hookrouter.ports.receiver import PushLog, Spool, SpooledPush
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Observer
from hookrouter.wire.pushes.push import USUAL_READER, PushReader

AT_ONCE = 4
"""Pushes in memory, of up to 64 MiB each."""
NAMES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpool:
    """Empties the spool of this machine into the push log."""

    spool: Spool
    pushes: PushLog
    wake: Wake
    observer: Observer
    reader: PushReader = USUAL_READER

    def run(self) -> int:
        """Feed all that waits, unless another process does; how many pushes were fed.

        Raises:
            StoreAway: Redis is still away; what was not fed stays.
            NotReplicated: Redis has all that waits, which stays until replicas confirm it.
            SpoolAway: the spool cannot be read.
        """
        fed = 0
        try:
            with self.spool.feeding() as is_ours:
                while is_ours and (waiting := self.spool.oldest(AT_ONCE)):
                    fed += self._feed(waiting)
        finally:
            if fed:
                self.observer.report(SpoolFed(pushes=fed))
        return fed

    def _feed(self, waiting: Sequence[SpooledPush]) -> int:
        """Hand some over, and forget them once they are safe there; how many they were."""
        safe = list(takewhile(partial(self._hand_over, wait=True), waiting))
        self.spool.remove(safe)
        if len(safe) < len(waiting):
            self._hand_over_what_is_missing(waiting[len(safe)].place)
            raise NotReplicated("what is spooled stays there until replicas of Redis confirm it")
        return len(safe)

    def _hand_over(self, spooled: SpooledPush, *, wait: bool) -> bool:
        """Give a push to Redis, be it among those that cannot be read; whether it need not be kept any more."""
        push = spooled.push
        try:
            batch = self.reader.read(push.body, push.headers, push.received_at)
        except PushRefused as refusal:
            self.pushes.keep_refused(push, f"{refusal.status} {refusal.title}", for_good=not spooled.is_refused)
            if not spooled.is_refused:  # an earlier version could read it, or larger bounds
                self.observer.report(EntryUnreadable(stream="spool", entry=push.id))
            return True
        accepted = self.pushes.accept_safely(push, batch, wait=wait)
        for stage in accepted.rings:
            self.wake.ring(stage)
        return accepted.is_safe

    def _hand_over_what_is_missing(self, after: int) -> None:
        """Have what Redis never had, or lost when a replica took over, go its way also while nothing is confirmed."""
        while names := self.spool.names(NAMES_AT_ONCE, after):
            missing = set(self.pushes.missing([name for _, name in names]))
            for place, name in names:
                if name in missing:
                    for spooled in self.spool.oldest(1, place - 1):
                        self._hand_over(spooled, wait=False)
            after = names[-1][0]
