"""Settle claims: let the message say who has the lead, make that person its owner in the CRM, tell who came later.

The message comes first, for people look at it; each part is tried again by itself while Slack or the CRM is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hookrouter.domain.claim import ROUTE, Claim, ClaimWork, Click, Duty, after_attempts, duties_of
from hookrouter.domain.claim_events import ClaimDelayed, ClaimFailed, ClaimSettled
from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.events import LeaseLost
from hookrouter.domain.handing import Touched
from hookrouter.domain.ids import DeliveryId
from hookrouter.domain.lead import EMAIL_FIELD, Json
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.ports.claims import ClaimChat, ClaimEntry, Claims, SettledClaims
from hookrouter.ports.crm import CrmWriter
from hookrouter.ports.surroundings import Clock, Observer

AT_ONCE = 50
OWNER_FIELD = "ownerID"
BY_ADDRESS = "email:"
PATIENCE = timedelta(seconds=5)
"""So long other clicks wait for a CRM that hangs, and twice as long each time that it is asked for the same again."""
HANGS = Retry(reason=Reason.TIMEOUT, answer=Answer(text="the CRM takes long; what it writes meanwhile is found so"))
NO_CRM = Dead(reason=Reason.REFUSED, answer=Answer(text="no CRM is configured any more"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempted:
    """What is left to do, and whether the new owner stands in the CRM since."""

    left: ClaimWork
    was_written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleClaims:
    """Settles what waits."""

    chat: ClaimChat
    writer: CrmWriter | None
    clock: Clock
    observer: Observer
    should_stop: Callable[[], bool]
    name: str = field(default="claims")
    patience: timedelta = PATIENCE

    async def drain(self, claims: Claims) -> bool:
        """Do what is due of what waits; whether nothing waits for its next attempt."""
        is_done = True
        after = None
        async with claims.kept():
            while not self.should_stop() and (entries := await claims.read(AT_ONCE, after)):
                after = entries[-1].id
                now = self.clock.now()
                due = [entry for entry in entries if entry.work.is_due(now)]
                is_done = is_done and len(due) == len(entries)
                if not due:
                    continue
                settled = await self._settle(due, await claims.made([entry.work.click.who for entry in due]))
                is_done = is_done and all(work.due is None for work in settled.again)
                if not await claims.commit(settled):
                    self.observer.report(LeaseLost(stream=self.name))
                    return False
        return is_done

    async def _settle(self, due: Sequence[ClaimEntry], made: Sequence[Claim | None]) -> SettledClaims:
        """Do what is due, each beside the others: what is written to the CRM goes in one call."""
        pairs = zip(due, made, strict=True)
        attempted = await asyncio.gather(*(self._attempt(entry.work, claim) for entry, claim in pairs))
        # Once, when the CRM refused it: by the time the message has its button again, somebody else may have the lead.
        left = zip(due, attempted, strict=True)
        given_back = [each.left.click.who for entry, each in left if each.left.refused and not entry.work.refused]
        return SettledClaims(
            entries=[entry.id for entry in due],
            again=[each.left for each in attempted if each.left.duties],
            given_back=given_back,
            seen_to=[_seen_to(each.left.click) for each in attempted if each.was_written],
        )

    async def _attempt(self, work: ClaimWork, claim: Claim | None) -> _Attempted:
        if work.duties is None:
            work = replace(work, duties=duties_of(work.click, claim))
        duties = work.duties or ()
        came = await asyncio.gather(*(self._try(duty, work, claim) for duty in duties))
        outcomes = dict(zip(duties, came, strict=True))
        now = self.clock.now()
        left = after_attempts(work, outcomes, now=now, roll=self.clock.roll())
        self._report(left, claim, outcomes, now)
        return _Attempted(left=left, was_written=isinstance(outcomes.get(Duty.WRITE), Delivered))

    async def _try(self, duty: Duty, work: ClaimWork, claim: Claim | None) -> Outcome:
        try:
            return await self._do(duty, work, claim)
        except Exception as fault:  # noqa: BLE001 - a defect is this click's to tell; those beside it go on
            return Retry(reason=Reason.BROKEN, answer=Answer(text=f"it failed with {type(fault).__name__}"))

    async def _do(self, duty: Duty, work: ClaimWork, claim: Claim | None) -> Outcome:
        match duty:
            case Duty.SHOW | Duty.GIVE_BACK:
                return await self.chat.show(work.click, claim)
            case Duty.TELL:
                return await self.chat.tell(work.click, claim, work.refused)
            case Duty.WRITE:
                return await self._write(work)

    async def _write(self, work: ClaimWork) -> Outcome:
        click = work.click
        if self.writer is None or click.claimant is None:
            return NO_CRM
        writing = self.writer.write(
            CrmWrite(
                action=Action.UPDATE,
                values={**_named(click), OWNER_FIELD: click.claimant.owner},
                delivery=DeliveryId(f"c_{click.id}"),
                try_of=str(work.attempts),
                route=ROUTE,
                sink=click.sink,
            )
        )
        try:
            return await asyncio.wait_for(writing, self.patience.total_seconds() * 2**work.attempts)
        except TimeoutError:
            return HANGS

    def _report(self, left: ClaimWork, claim: Claim | None, outcomes: Mapping[Duty, Outcome], now: datetime) -> None:
        click = left.click
        for duty, outcome in outcomes.items():
            if isinstance(outcome, Delivered):
                continue
            if duty in (left.duties or ()):
                self.observer.report(ClaimDelayed(sink=click.sink, duty=duty, reason=outcome.reason))
            elif duty is not Duty.SHOW or Duty.GIVE_BACK not in (left.duties or ()):  # it is shown otherwise then
                word = outcome.answer.text if isinstance(outcome, Dead) and duty is not Duty.WRITE else ""
                self.observer.report(ClaimFailed(sink=click.sink, duty=duty, reason=outcome.reason, word=word))
        if not left.duties:
            seconds = max(0.0, (now - click.at).total_seconds())
            result = _result(left, claim)
            self.observer.report(ClaimSettled(sink=click.sink, source=click.source, result=result, seconds=seconds))


def _seen_to(click: Click) -> Touched:
    return Touched(who=click.who, owner="" if click.claimant is None else click.claimant.owner)


def _named(click: Click) -> dict[str, Json]:
    """What names the lead to the CRM."""
    lead = click.lead
    return {EMAIL_FIELD: lead.removeprefix(BY_ADDRESS)} if lead.startswith(BY_ADDRESS) else {"id": lead}


def _result(left: ClaimWork, claim: Claim | None) -> str:
    """What became of a click in the end; its last attempt may have been about a part of it."""
    click = left.click
    if left.refused:
        return "refused"
    if claim is not None and claim.click == click.id:
        return "written"
    is_first = claim is None or claim.by == click.user
    return "shown" if click.claimant is not None and is_first else "told"
