"""Pushes: look at those that came, and take in again what an earlier version could not read."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.errors import HookrouterError, NotFound, NotReplicated
from hookrouter.domain.push import KeptPush, ListedPush, Receipt
from hookrouter.ports.desk import ALL_PUSHES, Page, PushArchive, WantedPushes
from hookrouter.ports.receiver import PushLog
from hookrouter.ports.stages import Wake
from hookrouter.wire.pushes.push import USUAL_READER, PushReader


@dataclass(frozen=True, slots=True)
class TendPushes:
    """Shows pushes, and takes refused ones again."""

    archive: PushArchive
    pushes: PushLog
    wake: Wake
    reader: PushReader = USUAL_READER

    def list(self, wanted: WantedPushes = ALL_PUSHES, *, limit: int, after: str | None = None) -> Page[ListedPush]:
        """The newest of the pushes that are wanted, behind a page's end, as far back as one look goes."""
        return self.archive.look(wanted, limit=limit, after=after)

    def show(self, push: str) -> KeptPush:
        """One push.

        Raises:
            NotFound: there is none of this id.
        """
        found = self.archive.find(push)
        if found is None:
            raise NotFound(f"there is no push {push}; `hookrouter pushes list` shows those there are")
        return found

    def replay(self, push: str) -> Receipt:
        """Take a refused push as if it came now, under its own name.

        Raises:
            NotFound: there is none of this id.
            PushRefused: this version cannot read it either.
            HookrouterError: it was taken when it came.
            NotReplicated: it is taken, but replicas of Redis did not confirm it.
        """
        kept = self.show(push)
        if kept.receipt is not None:
            raise HookrouterError(
                f"{push} was taken when it came: its deliveries are replayed by `hookrouter dead replay`"
            )
        batch = self.reader.read(kept.push.body, kept.push.headers, kept.push.received_at)
        accepted = self.pushes.accept_safely(kept.push, batch)
        for stage in accepted.rings:
            self.wake.ring(stage)
        if not accepted.is_safe:
            raise NotReplicated(
                f"{push} is taken, but too few replicas of Redis confirmed it in time: should one take over, see by "
                "`hookrouter pushes show` whether it must be replayed again"
            )
        return accepted.receipt
