"""By which message a chat tells of a lead, remembered in Redis."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.living_message import LeadPlace, LivingMessage
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys
from hookrouter.store.team_keys import digest_of
from hookrouter.wire.kept.living_message import read_living_message, write_living_message
from hookrouter.wire.kept.records import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLivingMessages:
    """The memory in Redis; see `ports.living_messages.LivingMessages`."""

    server: AsyncRedisServer
    keys: Keys

    async def recall(self, place: LeadPlace) -> LivingMessage | None:
        """The lead's message; one that cannot be read counts as none."""
        record = await self.server.call("GET", self.keys.living_message(place))
        with suppress(Unreadable):
            return None if record is None else read_living_message(record)
        return None

    async def note(self, place: LeadPlace, message: LivingMessage, keep: timedelta) -> None:
        """Remember a message."""
        life = max(1, int(keep.total_seconds()))
        record = write_living_message(message, whose(place.source, place.lead))
        await self.server.call("SET", self.keys.living_message(place), record, "EX", life)


def whose(source: str, lead: str) -> str:
    """What stands for a lead of a source in records that need not name it."""
    return digest_of(f"{source}\x1f{lead}")
