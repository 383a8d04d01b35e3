"""Dead letters: look at what was given up, try it again, or drop it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.errors import NotFound
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.ports.desk import DeadLetters, Page
from hookrouter.ports.stages import Stage, Wake

AT_ONCE = 500
"""Letters read ahead of being replayed or dropped; each may be a few kilobytes."""


@dataclass(slots=True, kw_only=True)
class Tended:
    """What became of the letters that were named: done, gone before, or left for want of their sink."""

    done: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TendDeadLetters:
    """Looks after the dead letters; `sinks` are those of the configuration."""

    letters: DeadLetters
    sinks: Collection[SinkName]
    wake: Wake

    def list(
        self, *, sink: SinkName | None, route: RouteName | None, limit: int, after: str | None = None
    ) -> Page[DeadLetter]:
        """The newest letters of a sink and a route, behind a page's end."""
        return self.letters.list(sink=sink, route=route, limit=limit, after=after)

    def show(self, delivery: str) -> DeadLetter:
        """One letter.

        Raises:
            NotFound: there is none of this id.
        """
        letter = self.letters.find(delivery)
        if letter is None:
            raise NotFound(f"there is no dead letter {delivery}; `hookrouter dead list` shows those there are")
        return letter

    def select(self, *, sink: SinkName | None, route: RouteName | None) -> Iterator[str]:
        """The ids of all letters of a sink and a route that are dead by now, the newest first."""
        end: str | None = None
        while True:
            page = self.letters.list(sink=sink, route=route, limit=AT_ONCE, after=end)
            yield from [letter.delivery.id for letter in page.found]
            if page.end is None:
                return
            end = page.end

    def replay(self, deliveries: Iterable[str]) -> Tended:
        """Have deliveries tried again, under the same ids, as if for the first time.

        A letter whose sink the configuration does not know is left: it would only die once more.
        """
        tended = Tended()
        try:
            for delivery in deliveries:
                self._replay(delivery, tended)
        finally:
            if tended.done:
                self.wake.ring(Stage.DELIVER)
        return tended

    def drop(self, deliveries: Iterable[str]) -> Tended:
        """Forget deliveries for good."""
        tended = Tended()
        for delivery in deliveries:
            (tended.done if self.letters.drop(delivery) else tended.gone).append(delivery)
        return tended

    def _replay(self, delivery: str, tended: Tended) -> None:
        letter = self.letters.find(delivery)
        if letter is not None and letter.delivery.sink not in self.sinks:
            tended.homeless.append(delivery)
        elif letter is not None and self.letters.replay(delivery):
            tended.done.append(delivery)
        else:
            tended.gone.append(delivery)
