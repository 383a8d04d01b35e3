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
    """The purpose of a walk through all that is kept: to learn who somebody is, to count what is theirs, or erase it.

    Attributes:
        writes: whether what is theirs is to be erased.
    """

    whom: Whom
    erased: Erased = field(default_factory=Erased)
    writes: bool = False

    @property
    def person(self) -> Person | None:
        """Who it is, once that is known."""
        return self.whom if isinstance(self.whom, Person) else None

    def note(self, place: Place, count: int = 1) -> None:
        """Count what is theirs."""
        if count:
            self.erased.counts[place] += count


class People(Protocol):
    """A neighbour that keeps data of people."""

    def walk(self, task: Task) -> Iterator[None]:
        """Go through all that is kept, for the task's purpose, a portion at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What was learned of somebody before the data it was learned from was erased."""

    names: Sequence[Who] = ()
    addresses: Sequence[str] = ()
    deliveries: Sequence[str] = ()


class Oblivion(Protocol):
    """What else a store must do so that what is erased is gone."""

    def recall(self, asked: str) -> Remembered | None:
        """What is remembered of somebody whose erasing was begun but not finished; None for anybody else."""

    def remember(self, asked: str, person: Person | None) -> None:
        """Remember who it is until the erasing ends; None if nothing is known beyond what was asked."""

    def clear(self, asked: str, person: Person) -> None:
        """Remember only that the erasing was begun, so that the new files hold nothing else.

        This also forgets what is remembered of the same person after a killed request in other words.
        """

    def end(self, asked: str) -> None:
        """Forget even that the erasing was begun."""

    def renew_files(self) -> Files:
        """Have the store rewrite its files without what was erased."""
