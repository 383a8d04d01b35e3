"""What lies on the operator's desk: what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.push import KeptPush
from hookrouter.domain.rejection import Rejection

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Part of a list; `end` asks for what comes behind it, None when nothing does."""

    found: Sequence[T]
    end: str | None


class DeadLetters(Protocol):
    """The deliveries that were given up."""

    def list(
        self, *, sink: SinkName | None, route: RouteName | None, limit: int, after: str | None = None
    ) -> Page[DeadLetter]:
        """The newest letters of a sink and a route, behind a page's end."""

    def find(self, delivery: str) -> DeadLetter | None: ...

    def replay(self, delivery: str) -> bool:
        """Put a letter back into its outbox as if never tried, in one atomic step; False if it is gone."""

    def drop(self, delivery: str) -> bool:
        """Forget a letter for good; False if it is gone."""


class PushArchive(Protocol):
    """The pushes as they came."""

    def list(self, *, limit: int, after: str | None = None) -> Page[KeptPush]:
        """The newest pushes behind a page's end."""

    def find(self, push: str) -> KeptPush | None: ...


class RejectedLeads(Protocol):
    """The leads that could not be routed."""

    def list(self, *, limit: int, after: str | None = None) -> Page[Rejection]:
        """The newest rejections behind a page's end."""

    def find(self, rejection: str) -> Rejection | None: ...

    def remove(self, rejection: str) -> None:
        """Forget a rejection."""
