"""Pushes of changed leads: collected for a moment, then sent, unless fate has it otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random  # noqa: TID251 - a seeded world

from hookrouter.simulator.dials import Dials
from hookrouter.simulator.fates import Fate, draw_fate
from hookrouter.simulator.held import Held
from hookrouter.simulator.ledger import Ledger, Noted
from hookrouter.simulator.postman import Postman
from hookrouter.simulator.push_body import encode_push
from hookrouter.simulator.push_counts import PushCounts
from hookrouter.simulator.shapes import leads_a_push, shape_of_push
from hookrouter.simulator.telling import told
from hookrouter.simulator.written import Hand, Written


class Pushes:
    """Takes every change and sees to it that it is pushed, lost, doubled, or comes late."""

    def __init__(self, dials: Dials, seed: int) -> None:
        self._dials = dials
        self.ledger = Ledger()
        self.counts = PushCounts()
        self._postman = Postman(self.counts, self._be_taken)
        self._dice = Random(f"fates:{seed}")
        self._collected: list[Noted] = []
        self._again: list[Noted] = []  # to be said a second time, with the next batch
        self._held = Held(self._collect)
        self._made = 0  # pushes
        self._flushing: asyncio.TimerHandle | None = None

    @property
    def urls(self) -> list[str]:
        """Who subscribed."""
        return list(self._postman.urls)

    @property
    def waiting_leads(self) -> int:
        """Leads that are collected, held back or under way."""
        waiting = len(self._collected) + len(self._again) + len(self._held)
        return waiting * len(self._postman.urls) + self._postman.leads_under_way

    async def start(self) -> None:
        """Be ready to push."""
        await self._postman.start()

    async def stop(self) -> None:
        """Push what is collected or held back, and close."""
        self._held.release_all()
        while self._collected:
            self._flush()
        if self._flushing is not None:
            self._flushing.cancel()
        await self._postman.stop()

    def subscribe(self, url: str) -> None:
        """Push to this URL too."""
        self._postman.subscribe(url)

    def note(self, written: Written) -> None:
        """A lead changed; without subscribers nobody will hear of it."""
        noted = self.ledger.note(written)
        if not self.urls or not self._is_pushed(written):
            self.counts.unsaid += 1
            return
        self._send_on_its_way(noted, draw_fate(self._dials.pushing, self._dice))

    def _is_pushed(self, written: Written) -> bool:
        """Whether such changes are pushed at all."""
        return (self._dials.pushing.creates or not written.created) and (
            self._dials.pushing.own_writes or written.hand is not Hand.API
        )

    def _send_on_its_way(self, noted: Noted, fate: Fate) -> None:
        match fate:
            case Fate.LOST:
                self.counts.lost += 1
            case Fate.DOUBLED:
                self.counts.doubled += 1
                self._collect(noted)
                self._again.append(noted)
            case Fate.REORDERED:
                self.counts.reordered += 1
                self._held.hold_for_newer(noted, self._dials.pushing.held)
            case Fate.DELAYED:
                self.counts.delayed += 1
                self._held.hold(noted, self._dials.pushing.held)
            case Fate.SENT:
                self._collect(noted)

    def _collect(self, noted: Noted) -> None:
        self._collected.append(noted)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(self._dials.pushing.batch_delay, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        changes, self._collected, self._again = self._collected, self._again, []
        pushing, quirks = self._dials.pushing, self._dials.quirks
        while changes:
            shape = shape_of_push(pushing.shape, self._made)
            batch, changes = changes[: leads_a_push(shape)], changes[leads_a_push(shape) :]
            leads = [told(noted, pushing, quirks) for noted in batch]
            self._made += 1
            self._postman.send(batch, encode_push(leads, shape, pushing.labelling, pushing.transfer))
        if self._collected:
            self._flush_soon()

    def _be_taken(self, changes: Sequence[Noted]) -> None:
        """A subscriber took these."""
        self.counts.leads_overtaken += sum(map(self.ledger.is_overtaken, changes))
        for noted in changes:
            self.ledger.hear(noted)
        self._held.pass_by(changes)
