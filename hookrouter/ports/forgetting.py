"""Where people are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hookrouter.domain.forgetting import Erased, Files, Place
from hookrouter.domain.ids import Who
from hookrouter.domain.person import Person, Whom


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a walk through all that is kept is for: to learn who somebody is, to count what is theirs, or to erase it.

    Attributes:
        writes: whether what is theirs is to go.
    """

    whom: Whom
    erased: Erased = field(default_factory=Erased)
    writes: bool = False

    @property
    def person(self) -> Person | None:
        """Who it is, once that is learned."""
        return self.whom if isinstance(self.whom, Person) else None

    def note(self, place: Place, count: int = 1) -> None:
        """Count what is theirs."""
        if count:
            self.erased.counts[place] += count


class People(Protocol):
    """A neighbour that keeps people."""

    def walk(self, task: Task) -> Iterator[None]:
        """Go through all that is kept, as the task wants it; a portion at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What was learned of somebody before it was erased, from which it could be learned."""

    names: Sequence[Who] = ()
    addresses: Sequence[str] = ()
    deliveries: Sequence[str] = ()


class Oblivion(Protocol):
    """What a store needs beside, so that what is erased is gone."""

    def recall(self, asked: str) -> Remembered | None:
        """What is remembered of somebody whose erasing was begun, and not ended; None of others."""

    def remember(self, asked: str, person: Person | None) -> None:
        """Remember who it is, for as long as that takes; None when no more is known than what was asked."""

    def clear(self, asked: str, person: Person) -> None:
        """Remember no more than that it was begun: the files are written anew without the rest.

        What is remembered of the same person because somebody asked in other words, and was killed, goes.
        """

    def end(self, asked: str) -> None:
        """Forget that, too."""

    def renew_files(self) -> Files:
        """Have the store's files written anew without what was erased."""
