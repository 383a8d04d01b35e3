"""A push: one webhook call, and what was good and bad in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.lead import Json, Lead


class Via(StrEnum):
    """How leads came here."""

    PUSH = "push"
    RECONCILE = "reconcile"  # the CRM was asked for what changed, and no push had brought it
    SWEEP = "sweep"  # the CRM has them no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One webhook call as it came: the body byte for byte, its headers without secrets.

    What hookrouter itself fetched is kept as a push as well, `via` tells it from one.
    """

    id: PushId
    source: SourceName
    received_at: datetime
    body: bytes
    headers: Mapping[str, str]
    via: Via = Via.PUSH


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPush:
    """A push as it is kept: what came of it is its receipt, or why it was refused."""

    push: Push
    receipt: Receipt | None
    refused: str

    @property
    def listed(self) -> ListedPush:
        """It as a list shows it."""
        return ListedPush(
            id=self.push.id,
            source=self.push.source,
            received_at=self.push.received_at,
            size=len(self.push.body),
            receipt=self.receipt,
            refused=self.refused,
            via=self.push.via,
        )

    def summary(self) -> dict[str, Json]:
        """One row of a list of pushes."""
        return self.listed.summary()

    def whole(self) -> dict[str, Json]:
        """Everything but the body."""
        return {**self.summary(), "headers": dict(self.push.headers)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPush:
    """A push without its body, of which it has the `size` in bytes, and without its headers."""

    id: PushId
    source: SourceName
    received_at: datetime
    size: int
    receipt: Receipt | None
    refused: str = ""
    via: Via = Via.PUSH

    def summary(self) -> dict[str, Json]:
        """One row of a list of pushes."""
        return {
            "id": self.id,
            "source": self.source,
            "at": self.received_at.isoformat(),
            "bytes": self.size,
            "leads": self.receipt.leads if self.receipt else None,
            "accepted": self.receipt.accepted if self.receipt else None,
            "rejected": self.receipt.rejected if self.receipt else None,
            "refused": self.refused or None,
            "via": self.via.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLead:
    """A lead of a push that cannot be routed: its number in the push, what it was, and its faults by field."""

    place: int
    value: Json
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The leads of one push; `accepted` with their number in the push, from 0."""

    accepted: Sequence[tuple[int, Lead]]
    rejected: Sequence[RejectedLead]

    @property
    def size(self) -> int:
        """How many leads the push named."""
        return len(self.accepted) + len(self.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the sender is told."""

    push: PushId
    leads: int
    accepted: int
    rejected: int
    duplicate: bool = False
