"""A message in a chat that keeps telling of the same lead: later news go into its thread, or replace it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.ids import DeliveryId, LeadKey, SinkName, SourceName
from hookrouter.domain.lead import Fields

USUAL_KEEP = timedelta(days=30)
"""How long after the last news of a lead the next ones still belong to its message."""
TOLD_FOR = timedelta(minutes=10)
"""So long a delivery that was posted is not posted again, as it is not made again once it is settled."""


class Later(StrEnum):
    """Where later news of a lead go."""

    REPLY = "reply"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPlace:
    """Of which lead a sink tells where; `channel` is as the configuration names it."""

    sink: SinkName
    channel: str
    source: SourceName
    lead: LeadKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingMessage:
    """The message of a lead, as the chat knows it.

    Attributes:
        channel: its id, by which alone a message can be changed.
        ts: the message's name in the channel.
        told: the delivery that it told last, and `at` when.
        shown: what it shows, where it is changed with each news; empty where it stays as it was.
        of: when the news that it shows were received, and `updated` when the CRM says that the lead was changed.
    """

    channel: str
    ts: str
    told: DeliveryId
    at: datetime
    shown: Fields = field(default_factory=dict, repr=False)
    of: datetime | None = None
    updated: datetime | None = None

    def shows_later_than(self, received_at: datetime, updated: datetime | None) -> bool:
        """Whether it shows later news already: those that waited for another attempt come after they were overtaken.

        The CRM's clock is one, the receivers' are several: theirs counts where the CRM's tells no difference.
        """
        if self.updated is not None and updated is not None and self.updated != updated:
            return self.updated > updated
        return self.of is not None and self.of > received_at

    def has_told(self, delivery: DeliveryId, now: datetime) -> bool:
        """Whether a delivery stands there already: whoever posted it was killed before that was settled."""
        return self.told == delivery and now - self.at < TOLD_FOR
