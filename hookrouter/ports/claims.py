"""Claims: how they are put safely, and drained."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hookrouter.domain.claim import Claim, ClaimWork, Click
from hookrouter.domain.handing import Touched
from hookrouter.domain.ids import EntryId, Who
from hookrouter.domain.outcome import Outcome


class Taken(StrEnum):
    """What became of a click."""

    KEPT = "kept"
    SEEN = "seen"
    """The same request came before."""
    FULL = "full"
    """Too many clicks wait."""


class ClaimBook(Protocol):
    """Where clicks are put; may raise `StoreAway`."""

    def take(self, click: Click) -> Taken:
        """Keep a click and, in the same step, its claim if the lead is nobody's yet."""


class ClaimMemory(Protocol):
    """Who has claimed which lead."""

    async def of(self, who: Who) -> Claim | None:
        """The claim on a lead, if there is one. Raises `StoreAway`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry:
    """A click whose consequences are still to come."""

    id: EntryId
    work: ClaimWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledClaims:
    """What became of entries; written in one atomic step with their removal.

    Attributes:
        again: what is left to do for some of them.
        given_back: leads that are nobody's again.
        seen_to: leads whose new owner is in the CRM; for teams they are no longer open, and belong to that person.
    """

    entries: Sequence[EntryId]
    again: Sequence[ClaimWork]
    given_back: Sequence[Who] = ()
    seen_to: Sequence[Touched] = ()


class Claims(Protocol):
    """The clicks that wait, under a lease."""

    async def read(self, count: int, after: EntryId | None) -> Sequence[ClaimEntry]:
        """The oldest entries behind `after`; they stay until they are committed."""

    async def made(self, leads: Sequence[Who]) -> Sequence[Claim | None]:
        """The claim on each lead, if there is one."""

    async def commit(self, settled: SettledClaims) -> bool:
        """Write what became of entries; False, and nothing written, if the lease was lost."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit says if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class ClaimChat(Protocol):
    """The chat in which leads are claimed; each call may be made twice.

    It explains a refusal with a word of its own or none, and never with anything of a lead.
    """

    async def show(self, click: Click, claim: Claim | None) -> Outcome:
        """Have the clicked message say who has the lead, or show its button again."""

    async def tell(self, click: Click, claim: Claim | None, refused: str) -> Outcome:
        """Tell whoever clicked why the lead is not theirs."""
