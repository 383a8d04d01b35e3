"""Hydrate: read waiting leads back from the CRM, many a call, and let them go on to be routed, or reject them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmRefused, CrmThrottled
from hookrouter.domain.events import LeadHydrated, LeadUnconfirmed, LeaseLost, NeighbourFailed
from hookrouter.domain.hydration import address_of, by_name, completed, has_id, name_at_the_crm
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import EMAIL_FIELD, Json, Lead, lead_key, text_of
from hookrouter.domain.pieces import pieces
from hookrouter.domain.rejection import Rejection, rejection_id
from hookrouter.ports.crm import LeadCopies
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.streams import HydratedEntries, HydrateEntry, Hydrator
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import ToldToStop, Turns
from hookrouter.wire.crm.errors import ABOUT_WHAT_WAS_ASKED
from hookrouter.wire.pushes.lead_schema import read_batch

MOST_A_CALL = 500
"""Leads; the CRM silently gives no more (crm-api 2)."""
LEAST_A_CALL = 50
"""Leads; after a failure only half as many are asked for, as only large pages have been seen to fail (crm-api 2)."""
SECOND_LOOK = timedelta(seconds=5)
"""How old a push is when the CRM is asked again for a lead it did not know, because its reads may lag behind."""
LOOK_EVERY = timedelta(seconds=0.5)
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
"""How long the CRM is left alone after it did not answer; the pause doubles each time."""

NO_CRM = "no CRM is configured"
UNKNOWN = "the CRM does not know this lead: it is forged, deleted or of another account"

Ask = Callable[[Sequence[str]], Awaitable[Sequence[dict[str, Json]]]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the CRM said about the leads it was asked for."""

    copies: Mapping[LeadKey, Lead]
    faults: Mapping[LeadKey, Mapping[str, str]]


@dataclass(slots=True)
class _Harvest:
    """What has become of a step's leads so far."""

    leads: list[tuple[Occasion, Lead]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    again: list[HydrateEntry] = field(default_factory=list)
    events: list[LeadHydrated | LeadUnconfirmed] = field(default_factory=list)


class HydrateLeads:
    """Drains what waits for the CRM's copies; `copies` is None if no CRM is configured."""

    def __init__(
        self,
        *,
        copies: LeadCopies | None,
        turns: Turns,
        wake: Wake,
        clock: Clock,
        observer: Observer,
        should_stop: Callable[[], bool],
        bounds: Bounds = USUAL,
        second_look: timedelta = SECOND_LOOK,
    ) -> None:
        """Join the neighbours."""
        self._copies = copies
        self._turns = turns
        self._wake = wake
        self._clock = clock
        self._observer = observer
        self._should_stop = should_stop
        self._bounds = bounds
        self._second_look = second_look
        self._at_once = MOST_A_CALL
        self._pause = SHORTEST_PAUSE

    async def drain(self, hydrator: Hydrator, name: str) -> int:
        """Read back what waits, under a lease, however long the CRM is away; returns how many entries that were."""
        try:
            async with hydrator.kept():
                return await self._drain(hydrator, name)
        except ToldToStop:
            return 0

    async def _drain(self, hydrator: Hydrator, name: str) -> int:
        entries = 0
        while not self._should_stop() and (waiting := await hydrator.gather(self._at_once)):
            due = [entry for entry in waiting if not entry.asked or self._is_old(entry)]
            if not due:
                await self._turns.sleep(LOOK_EVERY)
                continue
            try:
                answer = await self._ask(due)
            except (CrmAway, CrmRefused) as fault:
                await self._leave_alone(hydrator, fault)
                continue
            self._at_once, self._pause = min(MOST_A_CALL, 2 * self._at_once), SHORTEST_PAUSE
            if not await self._commit(hydrator, due, answer):
                self._observer.report(LeaseLost(stream=name))
                break
            entries += len(due)
        return entries

    async def _commit(self, hydrator: Hydrator, entries: Sequence[HydrateEntry], answer: _Answer) -> bool:
        harvest = _Harvest()
        for entry in entries:
            self._judge(entry, answer, harvest)
        is_ours = await hydrator.commit(
            HydratedEntries(
                entries=[entry.id for entry in entries],
                leads=harvest.leads,
                rejected=harvest.rejected,
                again=harvest.again,
            )
        )
        if is_ours:
            if harvest.leads:
                self._wake.ring(Stage.ROUTE)
            for event in harvest.events:
                self._observer.report(event)
        return is_ours

    def _judge(self, entry: HydrateEntry, answer: _Answer, harvest: _Harvest) -> None:
        again: list[tuple[Occasion, Lead]] = []
        for occasion, lead in zip(entry.occasions, entry.leads, strict=True):
            name = name_at_the_crm(lead)
            copy = answer.copies.get(name)
            if copy is not None:
                whole = copy if entry.prove else completed(lead, copy)
                harvest.leads.append((occasion, whole))
                harvest.events.append(_hydrated(occasion, prove=entry.prove))
            elif name in answer.faults or entry.asked or self._is_old(entry):
                self._give_up(occasion, lead, answer.faults.get(name, _unknown(lead)), entry, harvest)
            else:
                again.append((occasion, lead))
        if again:
            occasions, leads = zip(*again, strict=True)
            harvest.again.append(replace(entry, occasions=occasions, leads=leads, asked=True))

    def _give_up(
        self, occasion: Occasion, lead: Lead, faults: Mapping[str, str], entry: HydrateEntry, harvest: _Harvest
    ) -> None:
        """Let a lead that cannot be read back go on as it was pushed, unless it was to be proven."""
        if entry.prove:
            harvest.rejected.append(
                Rejection(
                    id=rejection_id(occasion.push, occasion.place),
                    push=occasion.push,
                    source=occasion.source,
                    place=occasion.place,
                    at=self._clock.now(),
                    errors=faults,
                    lead=cast("Json", lead.fields),
                )
            )
        else:
            harvest.leads.append((occasion, lead))
        harvest.events.append(
            LeadUnconfirmed(
                push=occasion.push,
                source=occasion.source,
                place=occasion.place,
                result="rejected" if entry.prove else "unchanged",
                reason="; ".join(faults.values()),
            )
        )

    async def _ask(self, entries: Sequence[HydrateEntry]) -> _Answer:
        named = {name_at_the_crm(lead): lead for entry in entries for lead in entry.leads}
        if self._copies is None:
            return _Answer({}, {name: {"": NO_CRM} for name in named})
        ids: dict[str, LeadKey] = {name: name for name in named if has_id(name)}
        addresses = {address_of(lead): name for name, lead in named.items() if not has_id(name)}
        found: list[Json] = []
        faults: dict[LeadKey, Mapping[str, str]] = {}
        for ask, wanted in ((self._copies.by_ids, ids), (self._copies.by_addresses, addresses)):
            asked = list(wanted)
            for some in pieces(asked, self._at_once):
                copies, refused = await self._read_whole(ask, some)
                found += copies
                faults |= {wanted[text]: {"": f"the CRM refused to read it (code {refused[text]})"} for text in refused}
        return await self._understand(found, faults)

    async def _understand(self, found: Sequence[Json], faults: dict[LeadKey, Mapping[str, str]]) -> _Answer:
        """Judge the copies as pushed leads are judged, some at a time, because others share the event loop."""
        copies: list[Lead] = []
        for some in pieces(found, LEAST_A_CALL):
            batch = read_batch(list(some), self._bounds)
            copies += [lead for _, lead in batch.accepted]
            for each in batch.rejected:
                faults |= dict.fromkeys(_names_of(each.value), _in_the_copy(each.errors))
            await asyncio.sleep(0)
        return _Answer(by_name(copies), faults)

    async def _read(self, ask: Ask, asked: Sequence[str]) -> tuple[list[dict[str, Json]], dict[str, int]]:
        """The copies that the CRM has, and what it refuses to look for, which must not cost the other leads theirs."""
        await self._turns.wait()
        try:
            return list(await ask(asked)), {}
        except CrmRefused as fault:
            if fault.code not in ABOUT_WHAT_WAS_ASKED:
                raise
            if len(asked) == 1:
                return [], {asked[0]: fault.code}
        middle = len(asked) // 2
        copies, refused = await self._read(ask, asked[:middle])
        more, others = await self._read(ask, asked[middle:])
        return [*copies, *more], {**refused, **others}

    async def _read_whole(self, ask: Ask, asked: Sequence[str]) -> tuple[list[dict[str, Json]], dict[str, int]]:
        """Like `_read`, but if many copies came, ask again for the rest: the CRM may give only so many at once."""
        found, refused = await self._read(ask, asked)
        came = len(found)
        while LEAST_A_CALL <= came < len(asked):
            told = {text_of(copy.get(name)).lower() for copy in found for name in ("id", EMAIL_FIELD)}
            rest = [each for each in asked if each.lower() not in told and each not in refused]
            if not rest or len(rest) > len(asked) - LEAST_A_CALL:
                break  # all came, be it under other names than those asked for
            copies, others = await self._read(ask, rest)
            asked, found, refused, came = rest, [*found, *copies], {**refused, **others}, len(copies)
        return found, refused

    async def _leave_alone(self, hydrator: Hydrator, fault: CrmAway | CrmRefused) -> None:
        """Ask nothing for a while, and then for less at once, unless the CRM was only asked too often."""
        self._observer.report(NeighbourFailed(neighbour="crm", reason=str(fault)))
        await hydrator.note_away(str(fault))
        pause = self._pause * (1 + self._clock.roll()) / 2
        if not isinstance(fault, CrmThrottled | CrmQuotaSpent):
            self._at_once = max(LEAST_A_CALL, self._at_once // 2)
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        await self._turns.sleep(pause)

    def _is_old(self, entry: HydrateEntry) -> bool:
        return self._clock.now() >= entry.occasions[0].received_at + self._second_look


def _hydrated(occasion: Occasion, *, prove: bool) -> LeadHydrated:
    result = "confirmed" if prove else "completed"
    return LeadHydrated(push=occasion.push, source=occasion.source, place=occasion.place, result=result)


def _names_of(copy: Json) -> list[LeadKey]:
    fields = copy if isinstance(copy, dict) else {}
    names = (lead_key(fields), lead_key({EMAIL_FIELD: fields.get(EMAIL_FIELD)}))
    return [name for name in names if name is not None]


def _in_the_copy(faults: Mapping[str, str]) -> Mapping[str, str]:
    return {name: f"in the CRM's copy: {fault}" for name, fault in faults.items()}


def _unknown(lead: Lead) -> Mapping[str, str]:
    return {"id" if has_id(lead.key) else EMAIL_FIELD: UNKNOWN}
