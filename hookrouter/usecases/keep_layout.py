"""Keep the layout: spread leads over as many streams as the operator wants, one change of a thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hookrouter.domain.layout import Layout, sink_of
from hookrouter.domain.layout_events import SpreadBegan, SpreadDisputed, SpreadEnded, SpreadHeld, SpreadReopened
from hookrouter.ports.layout import LayoutBook
from hookrouter.ports.surroundings import Clock, Observer

MOVES_FOR = timedelta(seconds=1)
"""How long deliveries are moved in one go: the scheduler has other things to do, too, such as ringing the kick."""
STRAYS_EVERY = timedelta(minutes=1)
"""How often to look for streams filled by a process of an earlier version; each look asks for hundreds."""

DISPUTED_AFTER = timedelta(minutes=1)
"""How long two schedulers may be configured differently, since an edit or an upgrade reaches one before the other."""


@dataclass(slots=True, kw_only=True)
class KeepLayout:
    """Decides on the layout, in the scheduler; if two run, in the first of them.

    Attributes:
        decides: whether it is for this process to decide now; one that is configured differently does not undo it.
        decider: the name under which this process has that right; each change checks it again, because a process may
            stand still between asking and changing.
        wishes: over how many streams each thing is to be spread.
        should_stop: whether the process is to end.
        strangers: the living processes of an earlier version, which would not find what is spread anew.
    """

    book: LayoutBook
    wishes: Callable[[], Mapping[str, int]]
    clock: Clock
    observer: Observer
    strangers: Callable[[], Sequence[str]] = field(default=lambda: ())
    decides: Callable[[], bool] = field(default=lambda: True)
    decider: str = ""
    should_stop: Callable[[], bool] = field(default=lambda: False)
    _is_held: bool = field(default=False, init=False)
    _disputed_since: float | None = field(default=None, init=False)
    _is_disputed: bool = field(default=False, init=False)
    _strays_due: float = field(default=0.0, init=False)

    def run(self) -> None:
        """End the changes that are over; if it is for this process to decide, begin those that are wanted."""
        self._take(self._end)
        if self.decides():
            self._disputed_since, self._is_disputed = None, False
            self._take(self._look_for_strays, by=self.decider)
            self._take(self._begin, by=self.decider)
        else:
            self._look_for_dispute()

    def go_on(self) -> bool:
        """Move for a while what is to be moved, and end what is over; returns whether more is to be moved.

        Workers do this as well as the scheduler: a sink is told nothing meanwhile, and must not wait for one process.
        """
        self._take(self._end)
        return any(sink_of(name) is not None for name in self.book.read().changing)

    def _take(self, step: Callable[[Layout], Layout], by: str = "") -> None:
        was = self.book.read()
        now = step(was)
        if now != was and self.book.swap(was, now, by=by):
            self._tell(was, now)

    def _look_for_dispute(self) -> None:
        """Report once if another process decides and keeps wanting something else; an edit may reach it later."""
        layout, now = self.book.read(), self.clock.monotonic()
        otherwise = [name for name, streams in self.wishes().items() if layout.of(name).streams != streams]
        if not otherwise:
            self._disputed_since, self._is_disputed = None, False
            return
        self._disputed_since = now if self._disputed_since is None else self._disputed_since
        if not self._is_disputed and now - self._disputed_since >= DISPUTED_AFTER.total_seconds():
            self._is_disputed = True
            self.observer.report(SpreadDisputed(what=", ".join(otherwise)))

    def _end(self, layout: Layout) -> Layout:
        until = self.clock.monotonic() + MOVES_FOR.total_seconds()
        for name, each in layout.changing.items():
            self.book.move_on(name, each, lambda: self.clock.monotonic() < until and not self.should_stop())
        return layout.settled([name for name, each in layout.changing.items() if self.book.is_over(name, each)])

    def _look_for_strays(self, layout: Layout) -> Layout:
        if self.clock.monotonic() < self._strays_due:
            return layout
        self._strays_due = self.clock.monotonic() + STRAYS_EVERY.total_seconds()
        return replace(layout.reopened(self.book.find_late(layout)), strays=self.book.find_strays(layout))

    def _begin(self, layout: Layout) -> Layout:
        """Begin what is wanted, unless a living process would not find it."""
        begun = layout.toward(self.wishes())
        strangers = self.strangers() if begun != layout else ()
        if strangers and not self._is_held:
            self.observer.report(SpreadHeld(whom=", ".join(strangers)))
        self._is_held = bool(strangers)
        return layout if strangers else begun

    def _tell(self, was: Layout, now: Layout) -> None:
        for name, spread in now.changing.items():
            before = was.of(name)
            if spread.generation != before.generation:
                self.observer.report(SpreadBegan(what=name, streams=spread.streams, before=before.streams))
            elif before.former is None:
                self.observer.report(SpreadReopened(what=name))
        for name in was.changing.keys() - now.changing.keys():
            self.observer.report(SpreadEnded(what=name, streams=now.of(name).streams))
