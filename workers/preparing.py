"""The half of a worker that prepares deliveries: the drains that read back, route and enrich."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial

from hookrouter.domain.layout import Place
from hookrouter.ports.assigning import Assigner
from hookrouter.ports.clocks import DueBook
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.streams import Enricher, Hydrator, Intake, Pendings
from hookrouter.runtime import Runtime
from hookrouter.runtime.lead_side import LeadSide
from hookrouter.store.turns import RedisTurns
from workers.background import Begin, Serve
from workers.fair_part import FairPart, Held
from workers.serving import serve
from workers.tenure import Tenure

LOOKS = 4
"""How many looks into the intake in vain end the watch."""
PAUSE = 0.01
"""Seconds between them."""


class Preparing:
    """One drain for each stream with work, and one for what waits for the CRM's copies."""

    def __init__(self, runtime: Runtime, wake: Wake, begin: Begin) -> None:
        """Open nothing yet; the drains ring for the stages after them by `wake`."""
        self._runtime = runtime
        self._wake = wake
        self._begin = begin
        self._part = FairPart[Place](
            RedisTurns(server=runtime.server, keys=runtime.keys, stage=Stage.ROUTE, worker=runtime.process),
            lambda place: runtime.keys.intake(*place),
            clock=runtime.clock,
            others=runtime.wake,
            look=partial(begin, f"scan:{Stage.ROUTE}", self._watch_intake),
        )
        self._tenure: Tenure[LeadSide]
        self.looks: Mapping[Stage, Serve] = {
            Stage.HYDRATE: self._find_waiting,
            Stage.ROUTE: self._watch_intake,
            Stage.ASSIGN: self._find_unassigned,
            Stage.ENRICH: self._find_enriching,
            Stage.REMIND: self._find_due,
            Stage.RECONCILE: self._find_changes,
            Stage.WATCH: self._find_silence,
        }

    def open(self) -> None:
        """Open the way to the CRM."""
        self._tenure = Tenure(self._open_side)

    def renew(self) -> Coroutine[None, None, None]:
        """Open the way to the CRM configured now, and use the current routes; return what ends the former way."""
        former, self._tenure = self._tenure, Tenure(self._open_side)
        return former.end()

    def _open_side(self, is_over: Callable[[], bool]) -> LeadSide:
        return self._runtime.open_lead_side(self._wake, is_over)

    async def look_around(self) -> None:
        """See whether there are other workers to share the intake with."""
        await self._part.look_around()

    def hurry(self) -> None:
        """Do nothing: no drain here waits for a bell, and calls to the CRM end by their own time limit."""

    async def close(self) -> None:
        """Tell the other workers that this one leaves, and close the way to the CRM."""
        await self._part.close()
        await self._tenure.close()

    async def _find_waiting(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.HYDRATE)
        if await asyncio.to_thread(self._runtime.backlog.depth, Stage.HYDRATE):
            self._begin("hydrate", self._serve_waiting)

    async def _watch_intake(self) -> None:
        """Start the drains of the intake, and stay as long as leads keep coming, which saves a job for each push."""
        idle = 0
        while idle < LOOKS and not self._runtime.stopping.is_set():
            idle = 0 if await self._find_intakes() else idle + 1
            await asyncio.sleep(PAUSE)
        await asyncio.to_thread(self._runtime.wake.lower, Stage.ROUTE)
        await self._find_intakes()

    async def _find_intakes(self) -> bool:
        intakes = await asyncio.to_thread(self._runtime.backlog.intakes)
        for place in await self._part.choose(intakes.ready):
            self._begin(f"intake:{place}", partial(self._serve_intake, place))
        return any(intakes.depths.values())

    async def _find_unassigned(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.ASSIGN)
        if await asyncio.to_thread(self._runtime.backlog.depth, Stage.ASSIGN):
            self._begin("assign", self._serve_unassigned)

    async def _find_enriching(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.ENRICH)
        depths = await asyncio.to_thread(self._runtime.backlog.enriching)
        for number, depth in depths.items():
            if depth:
                self._begin(f"pending:{number}", partial(self._serve_pending, number))
                self._begin(f"enrich:{number}", partial(self._serve_enrich, number))

    async def _find_due(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.REMIND)
        if await asyncio.to_thread(self._runtime.backlog.due_clocks):
            self._begin("remind", self._serve_due)

    async def _serve_due(self) -> None:
        with self._tenure.use() as side:

            async def drain(book: DueBook) -> bool:
                return await side.remind.drain(book, "remind")

            await serve(side.should_stop, side.leases.due_book, drain)

    async def _find_changes(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.RECONCILE)
        if await asyncio.to_thread(self._runtime.backlog.must_reconcile):
            self._begin("reconcile", self._serve_changes)

    async def _serve_changes(self) -> None:
        with self._tenure.use() as side:
            if side.reconciling is not None:
                await side.reconciling.run_if_free()

    async def _find_silence(self) -> None:
        await asyncio.to_thread(self._runtime.wake.lower, Stage.WATCH)
        if await asyncio.to_thread(self._runtime.backlog.must_watch):
            self._begin("watch", self._serve_watch)

    async def _serve_watch(self) -> None:
        with self._tenure.use() as side:
            if side.watching is not None:
                await side.watching.run_if_free()

    async def _serve_waiting(self) -> None:
        with self._tenure.use() as side:

            async def drain(hydrator: Hydrator) -> bool:
                await side.hydrate.drain(hydrator, "hydrate")
                return True

            await serve(side.should_stop, side.leases.hydrator, drain)

    async def _serve_intake(self, place: Place) -> None:
        if not self._part.may_begin(place):
            return
        with self._tenure.use() as side:

            async def drain(intake: Intake) -> bool:
                with self._part.serving(place, Held()) as turn:
                    await side.route.drain(intake, f"intake:{place}", lambda: turn.is_given_up)
                return not turn.is_given_up

            await serve(side.should_stop, partial(side.leases.intake, *place), drain)

    async def _serve_unassigned(self) -> None:
        with self._tenure.use() as side:

            async def drain(assigner: Assigner) -> bool:
                return await side.assign.drain(assigner, "assign")

            await serve(side.should_stop, side.leases.assigner, drain)

    async def _serve_enrich(self, number: int) -> None:
        with self._tenure.use() as side:

            async def drain(enricher: Enricher) -> bool:
                drained = await side.enrich.drain(enricher, f"enrich:{number}")
                if drained.entries:
                    self._wake.ring(Stage.DELIVER)
                return not drained.left

            await serve(side.should_stop, partial(side.leases.enricher, number), drain)

    async def _serve_pending(self, number: int) -> None:
        with self._tenure.use() as side:

            async def drain(pendings: Pendings) -> bool:
                return await side.decide.drain(pendings, f"pending:{number}")

            await serve(side.should_stop, partial(side.leases.pendings, number), drain)
