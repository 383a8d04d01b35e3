"""Dead letters: look at what was given up, try it again, or drop it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.errors import NotFound
from hookrouter.domain.ids import SinkName
from hookrouter.ports.desk import DeadLetters, Page, Wanted
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Clock

AT_ONCE = 500
"""Letters read ahead of being replayed or dropped; each may be a few kilobytes."""
A_STEP = 100
"""Letters replayed or dropped by one request."""
PATIENCE = 0.2
"""Seconds between two looks whether to stop, while the next letter's turn is far off."""
MOST_MADE_UP = 0.1
"""Seconds of delay that are made up for, so that the rate is kept on a busy machine and yet nothing comes in a rush."""


@dataclass(slots=True, kw_only=True)
class Tended:
    """What became of the letters that were named.

    Attributes:
        done: what was asked for.
        gone: nothing, they were gone before.
        homeless: nothing, for want of their sink.
        left: nothing, for somebody stopped it before.
    """

    done: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def counts(self, done: str) -> dict[str, int]:
        """How many of each, by words for people; `done` is what was asked for."""
        ids = {done: self.done, "gone": self.gone, "without their sink": self.homeless, "left": self.left}
        return {word: len(each) for word, each in ids.items()}

    def words(self, done: str) -> str:
        """How many of each, as in `3 replayed, 1 gone`."""
        return ", ".join(f"{count} {word}" for word, count in self.counts(done).items() if count or word == done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was done of a long piece of work.

    Attributes:
        end: where the next step goes on; None when all is done.
        left: how many letters there are at most to look at from there on.
    """

    tended: Tended
    end: str | None
    left: int


@dataclass(slots=True, kw_only=True)
class Pace:
    """How fast something is done, in times a second, and who may stop it in between."""

    rate: float
    clock: Clock
    should_stop: Callable[[], bool]
    turn: float = float("-inf")

    def wait(self) -> bool:
        """Wait until it is the next one's turn; False once it is stopped."""
        self.turn = max(self.turn + 1 / self.rate, self.clock.monotonic() - MOST_MADE_UP)
        while not self.should_stop():
            rest = self.turn - self.clock.monotonic()
            if rest <= 0:
                return True
            self.clock.sleep(min(rest, PATIENCE))
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TendDeadLetters:
    """Looks after the dead letters; `sinks` are those of the configuration."""

    letters: DeadLetters
    sinks: Collection[SinkName]
    wake: Wake

    def list(self, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[DeadLetter]:
        """The letters that are wanted, the newest first, behind a page's end."""
        return self.letters.list(wanted, limit=limit, after=after)

    def show(self, delivery: str) -> DeadLetter:
        """One letter.

        Raises:
            NotFound: there is none of this id.
        """
        letter = self.letters.find(delivery)
        if letter is None:
            raise NotFound(f"there is no dead letter {delivery}; `hookrouter dead list` shows those there are")
        return letter

    def select(self, wanted: Wanted) -> Sequence[str]:
        """The ids of all letters that are wanted and dead by now, the oldest first: a lead's newest state goes last."""
        found: list[str] = []
        end: str | None = None
        while True:
            page = self.letters.list(wanted, limit=AT_ONCE, after=end)
            found += [letter.delivery.id for letter in page.found]
            if page.end is None:
                return found[::-1]
            end = page.end

    def replay(self, deliveries: Iterable[str], pace: Pace) -> Tended:
        """Have deliveries tried again, under the same ids, as if for the first time.

        A letter whose sink the configuration does not know is left: it would only die once more. So are those whose
        turn has not come when it is stopped.
        """
        tended = Tended()
        for delivery in deliveries:
            if pace.wait():
                self._replay(delivery, tended)
            else:
                tended.left.append(delivery)
        return tended

    def replay_some(self, wanted: Wanted, *, after: str | None = None) -> Step:
        """Have the oldest of the letters that are wanted tried again: a step of what takes many.

        What is wanted should end before now, for whatever dies once more meanwhile would be replayed for ever.
        """
        portion, tended = self.letters.oldest(wanted, limit=A_STEP, after=after), Tended()
        for letter in portion.found:
            self._replay(letter.delivery.id, tended)
        return Step(tended=tended, end=portion.end, left=portion.left)

    def drop_some(self, wanted: Wanted, *, after: str | None = None) -> Step:
        """Forget the oldest of the letters that are wanted: a step of what takes many."""
        portion = self.letters.oldest(wanted, limit=A_STEP, after=after)
        tended = self.drop(letter.delivery.id for letter in portion.found)
        return Step(tended=tended, end=portion.end, left=portion.left)

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
            self.wake.ring(Stage.DELIVER)
        else:
            tended.gone.append(delivery)
