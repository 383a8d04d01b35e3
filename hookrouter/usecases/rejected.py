"""Rejected leads: look at what could not be routed, mend it, and send it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from hookrouter.domain.errors import HookrouterError, NeighbourAway, NotFound, NotReplicated
from hookrouter.domain.ids import PushId
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Push, Receipt
from hookrouter.domain.rejection import Rejection
from hookrouter.ports.desk import ALL_REJECTIONS, Page, RejectedLeads, WantedRejections
from hookrouter.ports.receiver import PushLog
from hookrouter.ports.stages import Wake
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.pushes.push import USUAL_READER, PushReader

REPLAY_OF = "X-Hookrouter-Replay-Of"
A_STEP = 100
"""Leads replayed or dropped by one request; each is a push of its own."""


@dataclass(slots=True, kw_only=True)
class Tried:
    """What became of the rejections that were named.

    Attributes:
        done: what was asked for.
        gone: nothing, they were gone before.
        rejected: nothing, they still cannot be routed.
    """

    done: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)

    def counts(self, done: str) -> dict[str, int]:
        """How many of each, by words for people; `done` is what was asked for."""
        ids = {done: self.done, "gone": self.gone, "still rejected": self.rejected}
        return {word: len(each) for word, each in ids.items()}

    def words(self, done: str) -> str:
        """How many of each, as in `3 replayed, 1 gone`."""
        return ", ".join(f"{count} {word}" for word, count in self.counts(done).items() if count or word == done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was done of a long piece of work; `end` and `left` as in `ports.desk.Portion`."""

    tended: Tried
    end: str | None
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TendRejected:
    """Shows the rejected leads and replays them."""

    rejected: RejectedLeads
    pushes: PushLog
    wake: Wake
    clock: Clock
    reader: PushReader = USUAL_READER

    def list(
        self, wanted: WantedRejections = ALL_REJECTIONS, *, limit: int, after: str | None = None
    ) -> Page[Rejection]:
        """The newest of the rejections that are wanted behind a page's end, as far back as one look goes."""
        return self.rejected.list(wanted, limit=limit, after=after)

    def show(self, rejection: str) -> Rejection:
        """One rejection.

        Raises:
            NotFound: there is none of this id.
        """
        found = self.rejected.find(rejection)
        if found is None:
            raise NotFound(f"there is no rejected lead {rejection}; `hookrouter rejected list` shows those there are")
        return found

    def mended(self, kept: Rejection, repairs: Mapping[str, Json]) -> Json:
        """The lead with some of its fields set anew."""
        return {**kept.lead, **repairs} if isinstance(kept.lead, dict) else dict(repairs) or kept.lead

    def faults(self, lead: Json) -> Mapping[str, str]:
        """Why a lead cannot be routed, by field; none when it can."""
        batch = self.reader.judge([lead], self.clock.now())
        return batch.rejected[0].errors if batch.rejected else {}

    def replay(self, rejection: str, repairs: Mapping[str, Json]) -> Receipt:
        """Take a rejected lead as a push of its own, with some of its fields set anew.

        Raises:
            NotFound: there is none of this id.
            HookrouterError: it still cannot be routed; the text names the faults, and it stays.
            NotReplicated: it goes on, but stays, for replicas of Redis did not confirm it.
        """
        kept = self.show(rejection)
        lead, now = self.mended(kept, repairs), self.clock.now()
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

    def replay_all(self, rejections: Iterable[str]) -> Tried:
        """Have leads taken as they are: with other rules or bounds than when they came, they may be routed now."""
        tried = Tried()
        for rejection in rejections:
            try:
                self.replay(rejection, {})
            except NotFound:
                tried.gone.append(rejection)
            except NeighbourAway:
                raise
            except HookrouterError:
                tried.rejected.append(rejection)
            else:
                tried.done.append(rejection)
        return tried

    def drop(self, rejections: Iterable[str]) -> Tried:
        """Forget leads for good."""
        tried = Tried()
        for rejection in rejections:
            (tried.done if self.rejected.remove(rejection) else tried.gone).append(rejection)
        return tried

    def replay_some(self, wanted: WantedRejections, *, after: str | None = None) -> Step:
        """Have the oldest of the leads that are wanted taken again: a step of what takes many."""
        portion = self.rejected.oldest(wanted, limit=A_STEP, after=after)
        tried = self.replay_all(rejection.id for rejection in portion.found)
        return Step(tended=tried, end=portion.end, left=portion.left)

    def drop_some(self, wanted: WantedRejections, *, after: str | None = None) -> Step:
        """Forget the oldest of the leads that are wanted: a step of what takes many."""
        portion = self.rejected.oldest(wanted, limit=A_STEP, after=after)
        tried = self.drop(rejection.id for rejection in portion.found)
        return Step(tended=tried, end=portion.end, left=portion.left)
