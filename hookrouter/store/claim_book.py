"""Where clicks of the button are put safely."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.claim import CLAIMED_FOR, ClaimWork, Click
from hookrouter.ports.claims import Taken
from hookrouter.store.commands import Argument
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.streams import FIELD
from hookrouter.wire.kept.claims import write_claim, write_work

SEEN_FOR = 900
"""Seconds; three times as long as Slack's signature of a request is good."""
MOST_WAITING = 5000
"""Clicks; people do not press that often in the time of a long outage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisClaimBook:
    """The book in Redis; see `ports.claims.ClaimBook`."""

    server: RedisServer
    keys: Keys

    def take(self, click: Click) -> Taken:
        """Keep a click, and its claim if the lead is nobody's."""
        keys = [
            self.keys.claim(click.source, click.lead),
            self.keys.clicked(click.id),
            self.keys.clicks(),
        ]
        claim = b"" if click.claim is None else write_claim(click.claim)
        life = int(CLAIMED_FOR.total_seconds())
        arguments: list[Argument] = [claim, life, SEEN_FOR, MOST_WAITING, write_work(ClaimWork(click=click)), FIELD]
        return Taken(self.server.run("claim", keys, arguments).decode())
