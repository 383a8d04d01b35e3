"""The keys of chats; documented as in `keys`."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.living_message import LeadPlace
from hookrouter.store.team_keys import TeamKeys, digest_of


@dataclass(frozen=True, slots=True)
class ChatKeys(TeamKeys):
    """The keys of chats, and of teams, under one prefix."""

    def living_message(self, place: LeadPlace) -> str:
        """String, the message by which a sink tells of a lead; deliver writes; expires with the sink's `thread`.

        Forget: the lead's go.
        """
        named = f"{place.channel}\x1f{place.source}\x1f{place.lead}"
        return f"{self.prefix}:living-message:{place.sink}:{digest_of(named)}"

    def claim(self, source: SourceName, lead: LeadKey) -> str:
        """String, by whom a lead was claimed; receive writes, the drain of claims may delete; expires after a month.

        Forget: the lead's go.
        """
        return f"{self.prefix}:claim:{source}:{digest_of(lead)}"

    def clicks(self) -> str:
        """Stream of clicks of the button; receive writes, the drain of claims deletes; capped.

        Forget: the lead's go.
        """
        return f"{self.prefix}:clicks"

    def clicked(self, click: str) -> str:
        """String, there while the same click counts as the same; receive writes; expires after minutes.

        Forget: it names nobody.
        """
        return f"{self.prefix}:clicked:{click}"
