"""The places of a sink: attempts under way, each in a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from hookrouter.domain.pace import Pace
from hookrouter.ports.surroundings import Clock


class Places:
    """The tasks that make attempts, in the order in which their attempts began."""

    def __init__(self, clock: Clock, patience: float) -> None:
        """Begin with none; an attempt may take `patience` seconds before it is cut off."""
        self._clock = clock
        self._patience = patience
        self._began: dict[asyncio.Task[None], float] = {}
        self._cut_off: set[asyncio.Task[None]] = set()
        self._pace = Pace()
        self.fault: BaseException | None = None

    def __len__(self) -> int:
        return len(self._began)

    def start(self, serve: Callable[[], Coroutine[None, None, None]], ended: Callable[[], None]) -> None:
        """Fill one more place; `ended` is called once it is free again."""
        place = asyncio.create_task(serve())
        self._began[place] = self._clock.monotonic()
        place.add_done_callback(lambda task: self._leave(task, ended))

    def begin(self, place: asyncio.Task[None]) -> None:
        """Note that a place begins another attempt."""
        del self._began[place]  # to put it in again at the end, where the youngest are
        self._began[place] = self._clock.monotonic()

    def note(self, seconds: float) -> None:
        """Learn how long an attempt took."""
        self._pace.note(seconds)

    def is_hanging(self, *, began_by: float | None = None) -> bool:
        """Whether an attempt under way takes far longer than others did, and began no later than `began_by`."""
        oldest = next(iter(self._began.values()), None)
        if oldest is None or (began_by is not None and oldest > began_by):
            return False
        return self._pace.is_hanging(self._clock.monotonic() - oldest)

    def cut_off_overdue(self) -> None:
        """Cut off attempts whose sink did not keep its own time-out."""
        latest_start = self._clock.monotonic() - self._patience
        for place, began in self._began.items():
            if began > latest_start:
                return
            self._cut_off.add(place)
            place.cancel()

    def cut_off(self) -> None:
        """Cut off every attempt; their places go on."""
        for place in self._began:
            self._cut_off.add(place)
            place.cancel()

    def was_cut_off(self, place: asyncio.Task[None]) -> bool:
        """Whether we were the ones who cancelled a place's attempt; the place goes on either way."""
        was_us = place in self._cut_off
        self._cut_off.discard(place)
        while place.cancelling():
            place.uncancel()
        return was_us

    def cancel(self) -> None:
        """End all places."""
        for place in self._began:
            place.cancel()

    def _leave(self, place: asyncio.Task[None], ended: Callable[[], None]) -> None:
        del self._began[place]
        self._cut_off.discard(place)
        if not place.cancelled() and (fault := place.exception()) is not None:
            self.fault = fault
        ended()
