"""Forget: a person is erased from all that is kept, and what was erased is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.forgetting import Erased, Files
from hookrouter.domain.ids import SourceName
from hookrouter.domain.people_events import PersonForgotten
from hookrouter.domain.person import Person, Seeking
from hookrouter.ports.forgetting import Oblivion, People, Task
from hookrouter.ports.surroundings import Observer

MOST_PASSES = 20
"""Each meets what was under way when the one before went by; a person has less than that many times what one takes."""

STILL_COMING = "more of them was found each time: it is pushed again and again, or much; run the same command again"

Tell = Callable[[Erased], None]


def _tell_nobody(_erased: Erased) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPerson:
    """Erases people, in portions between which others have their turn.

    Attributes:
        people: the neighbours that keep them, in the order in which leads go through them.
        sources: those of the configuration.
    """

    people: Sequence[People]
    oblivion: Oblivion
    sources: Sequence[SourceName]
    observer: Observer
    tell: Tell = field(default=_tell_nobody)

    def look(self, lead: str, source: SourceName | None = None) -> Erased:
        """What would be erased of a lead, known by its id or e-mail address.

        Raises:
            ConfigurationError: several sources may have a lead of this id, and none is named.
        """
        person = self._find(lead, source)
        return self._walk(Task(whom=person, erased=Erased(ids=person.ids)))

    def erase(self, lead: str, source: SourceName | None = None) -> Erased:
        """Erase all that is kept of a lead, as often as it takes; who was killed meanwhile runs it again.

        Raises:
            ConfigurationError: as above.
        """
        asked = _asked(lead, source)
        was_begun = self.oblivion.recall(asked) is not None
        person = self._find(lead, source)
        # An address of which nobody knows would stand in the store's files for nothing but that it was asked for.
        self.oblivion.remember(asked, None if person == self._seeking(lead, source).person() else person)
        whole = Erased(ids=person.ids)
        for _ in range(MOST_PASSES):
            # What somebody worked on is met again, also where nothing is found by now: that may come back.
            found = self._walk(Task(whom=person, erased=Erased(under_way=whole.under_way), writes=True))
            whole.counts += found.counts
            whole.left = found.left
            if not found.goes_on:
                break
        else:
            whole.left.add(STILL_COMING)
        may_come_back = bool(whole.under_way) or STILL_COMING in whole.left
        if not may_come_back:  # else who runs it again must know who it is, and what told it may be gone
            self.oblivion.clear(asked, person)
        if whole.total or was_begun:
            whole.files = self.oblivion.renew_files()
        if whole.files is not Files.NOT_PERMITTED and not may_come_back:  # who may runs it again to have them renewed
            self.oblivion.end(asked)
        if whole.total:
            places = tuple(whole.by_place())
            self.observer.report(PersonForgotten(records=whole.total, places=places, whole=whole.is_whole))
        return whole

    def _walk(self, task: Task) -> Erased:
        for neighbour in self.people:
            for _ in neighbour.walk(task):
                self.tell(task.erased)
        return task.erased

    def _find(self, lead: str, source: SourceName | None) -> Person:
        """Who it is, for all that is kept: again and again, as long as something is learned of them."""
        seeking = self._seeking(lead, source)
        if not lead.strip():
            raise ConfigurationError("say who: a lead's id or e-mail address")
        if not seeking.is_address and source is None and len(self.sources) > 1:
            names = ", ".join(sorted(self.sources))
            raise ConfigurationError(f"there are several sources: say --source with one of {names}")
        known = self.oblivion.recall(_asked(lead, source))
        if known is not None:  # what told it may be erased by now, and more have come since
            seeking.take_up(known.names, known.addresses, known.deliveries)
        learned = -1
        while learned != seeking.learned:
            learned = seeking.learned
            self._walk(Task(whom=seeking))
        return seeking.person()

    def _seeking(self, lead: str, source: SourceName | None) -> Seeking:
        return Seeking(lead=lead, source=source, sources=self.sources)


def _asked(lead: str, source: SourceName | None) -> str:
    return f"{source or ''}\x1f{lead.strip().lower()}"
