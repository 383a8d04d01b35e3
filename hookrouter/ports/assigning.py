"""The stream of leads that wait for somebody of a team, under a lease, and what teams remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hookrouter.domain.assignment import Board, Decision, Given
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.handing import Assigning, Handed, Touched
from hookrouter.domain.ids import EntryId, TeamName, Who
from hookrouter.domain.silence import Listening
from hookrouter.domain.teams import Teams
from hookrouter.ports.desk import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignEntry:
    """Deliveries that wait for somebody of a team, or the news that a person has taken care of a lead."""

    id: EntryId
    wanted: Assigning | Touched


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChange:
    """A lead is open with somebody of a team since a moment; None means that it no longer is."""

    who: Who
    team: TeamName
    owner: str
    since: datetime | None


@dataclass(slots=True, kw_only=True)
class AssignedEntries:
    """What a batch of entries led to; written in one atomic step with their removal.

    Attributes:
        at: when it was decided.
        teams: those that gave a lead to somebody.
        given: what is to be remembered about giving leads to people.
        opened: the changes, in their order.
        handed: the deliveries, with the person their lead was given to.
    """

    at: datetime
    entries: list[EntryId] = field(default_factory=list)
    teams: dict[TeamName, None] = field(default_factory=dict)
    given: dict[Who, dict[TeamName, Given]] = field(default_factory=dict)
    opened: list[OpenChange] = field(default_factory=list)
    handed: Handed = field(default_factory=Handed)
    decisions: list[Decision] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMemory:
    """What is known when a batch is decided: where teams stand, who has which lead, what is silenced, and the time."""

    board: Board
    given: Mapping[Who, GivenBy]
    now: datetime
    silences: Sequence[Listening] = ()


class TeamDesk(Protocol):
    """What teams remember, for lookups; it may have changed by the time it is used."""

    def now(self) -> datetime:
        """The moment by which leads are given out."""

    def board(self, teams: Teams, at: datetime) -> Board:
        """Where teams stand."""

    def given(self, who: Who) -> GivenBy:
        """Whom a lead was given to."""

    def decisions(
        self, team: TeamName | None, lead: str | None, *, limit: int, after: str | None = None
    ) -> Page[Decision]:
        """The last decisions, newest first, from a page's end on; of one team or all, of one lead or all."""


class Assigner(Protocol):
    """What waits for somebody of a team, under a lease, whose holder alone gives leads to people."""

    async def read(self, count: int) -> Sequence[AssignEntry]:
        """The oldest entries; they stay until they are committed."""

    async def memory(self, teams: Teams, leads: Sequence[Who]) -> TeamMemory:
        """What is known of the teams and of these leads."""

    async def commit(self, assigned: AssignedEntries, board: Board) -> bool:
        """Write what the entries led to and remove them; False, and nothing written, if the lease was lost."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit says if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
