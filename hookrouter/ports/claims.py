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
    """Too many wait."""


class ClaimBook(Protocol):
    """Where clicks are put; may raise `StoreAway`."""

    def take(self, click: Click) -> Taken:
        """Keep a click, and in the same step its claim, if the lead is nobody's."""


class ClaimMemory(Protocol):
    """Whose leads are."""

    async def of(self, who: Who) -> Claim | None:
        """By whom a lead is claimed. Raises `StoreAway`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry:
    """A click that waits for what it leads to."""

    id: EntryId
    work: ClaimWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledClaims:
    """What became of entries; written in one atomic step with their removal.

    Attributes:
        again: what is left to do of some.
        given_back: leads that are nobody's any more.
        seen_to: leads whose new owner stands in the CRM: for teams they are open no more, and that person's.
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
        """By whom each lead is claimed."""

    async def commit(self, settled: SettledClaims) -> bool:
        """Write what became of entries; False, and nothing written, if the lease was lost."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""


class ClaimChat(Protocol):
    """The chat in which leads are claimed; each call may be made twice.

    What it refuses it answers by a word of its own, or by none: nothing of a lead.
    """

    async def show(self, click: Click, claim: Claim | None) -> Outcome:
        """Let the message that was clicked say who has the lead, or have its button again."""

    async def tell(self, click: Click, claim: Claim | None, refused: str) -> Outcome:
        """Tell whoever clicked why the lead is not theirs."""
