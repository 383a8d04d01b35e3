"""Rejected leads: look at what could not be routed, mend it, and send it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from hookrouter.domain.errors import HookrouterError, NotFound, NotReplicated
from hookrouter.domain.ids import PushId
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Push, Receipt
from hookrouter.domain.rejection import Rejection
from hookrouter.ports.desk import Page, RejectedLeads
from hookrouter.ports.receiver import PushLog
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.pushes.push import USUAL_READER, PushReader

REPLAY_OF = "X-Hookrouter-Replay-Of"


@dataclass(frozen=True, slots=True, kw_only=True)
class TendRejected:
    """Shows the rejected leads and replays them."""

    rejected: RejectedLeads
    pushes: PushLog
    wake: Wake
    clock: Clock
    reader: PushReader = USUAL_READER

    def list(self, *, limit: int, after: str | None = None) -> Page[Rejection]:
        """The newest rejections behind a page's end."""
        return self.rejected.list(limit=limit, after=after)

    def show(self, rejection: str) -> Rejection:
        """One rejection.

        Raises:
            NotFound: there is none of this id.
        """
        found = self.rejected.find(rejection)
        if found is None:
            raise NotFound(f"there is no rejected lead {rejection}; `hookrouter rejected list` shows those there are")
        return found

    def replay(self, rejection: str, repairs: Mapping[str, Json]) -> Receipt:
        """Take a rejected lead as a push of its own, with some of its fields set anew.

        Raises:
            NotFound: there is none of this id.
            HookrouterError: it still cannot be routed; the text names the faults, and it stays.
            NotReplicated: it goes on, but stays, for replicas of Redis did not confirm it.
        """
        kept = self.show(rejection)
        lead = {**kept.lead, **repairs} if isinstance(kept.lead, dict) else dict(repairs) or kept.lead
        now = self.clock.now()
        batch = self.reader.judge([lead], now)
        if batch.rejected:
            faults = "; ".join(f"{field}: {fault}" for field, fault in batch.rejected[0].errors.items())
            raise HookrouterError(
                f"{rejection} still cannot be routed ({faults}): set what is wrong by --set FIELD=VALUE"
            )
        push = Push(
            id=PushId(self.clock.new_id("p")),
            source=kept.source,
            received_at=now,
            # With its own name: the same lead may be rejected and replayed again, which is no re-send.
            body=orjson.dumps({"leads": [lead], "replayOf": rejection}),
            headers={REPLAY_OF: rejection},
        )
        accepted = self.pushes.accept_safely(push, batch)
        for stage in accepted.rings:
            self.wake.ring(stage)
        if not accepted.is_safe:
            raise NotReplicated(
                f"{rejection} goes on as push {push.id}, but too few replicas of Redis confirmed it in time: it stays "
                "among the rejected, to be replayed again if that push is lost"
            )
        self.rejected.remove(rejection)
        return accepted.receipt
