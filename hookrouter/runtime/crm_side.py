"""The CRM as the use cases of one event loop reach it: over one session, each in its turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp

from hookrouter.config.model import CrmConfig
from hookrouter.crm.client import CrmClient, at_once, open_crm_session
from hookrouter.crm.patience import ASK_ONCE, Patience
from hookrouter.domain.errors import CrmQuotaSpent
from hookrouter.domain.quota import USUAL_DAILY_CALLS, Purpose
from hookrouter.ports.crm import RateLimit
from hookrouter.ports.turns import LONGEST_OF_A_RATE, Turns, wait_briefly
from hookrouter.runtime.connections import Connections
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.crm_calls import CrmTurns, HeardCounts
from hookrouter.store.keys import Keys

NO_CRM = "the configuration has no `crm` section: give its account_id and secret_key there"
CRM_SECONDS = 15.0
"""The longest one call of the CRM's API may take."""


@dataclass(slots=True, kw_only=True)
class CrmSide:
    """What use cases that ask the CRM are made of, by the configuration of the moment when this is made.

    Attributes:
        parts: of the process.
        store: the connection to Redis of this event loop.
        should_stop: turns true when nothing more is to be begun.
        sessions: its one session, if there is a CRM.
    """

    parts: Connections
    store: AsyncRedisServer
    should_stop: Callable[[], bool]
    crm: CrmConfig | None = field(init=False)
    sessions: list[aiohttp.ClientSession] = field(default_factory=list, init=False)
    heard: HeardCounts = field(default_factory=HeardCounts, init=False)

    def __post_init__(self) -> None:
        """Open the session, if there is a CRM."""
        self.crm = self.parts.config.crm
        if self.crm is not None:
            self.sessions.append(open_crm_session())

    def client(self, turn: Callable[[], Awaitable[None]] = at_once) -> CrmClient | None:
        """A client, which awaits `turn` before each call; None without a CRM."""
        return None if self.crm is None else crm_client(self.crm, self.sessions[0], self.heard, turn)

    def turns(self, purpose: Purpose, longest: timedelta | None = None) -> Turns:
        """Turns for a purpose, of which none is waited for longer than that, if so much is said."""
        permits = crm_turns(self.store, self.parts.keys, self.crm, purpose, self.heard)
        return Turns(permits=permits, clock=self.parts.clock, should_stop=self.should_stop, longest=longest)


def crm_turns(
    server: AsyncRedisServer, keys: Keys, crm: CrmConfig | None, purpose: Purpose, heard: HeardCounts | None = None
) -> CrmTurns:
    """Turns at the CRM for a purpose; `heard` is what the client hears of its counts."""
    return CrmTurns(
        server=server,
        keys=keys,
        rate=crm.rate_limit if crm else 1.0,
        daily_limit=crm.daily_limit if crm else USUAL_DAILY_CALLS,
        purpose=purpose,
        heard=heard or HeardCounts(),
    )


async def turn_soon(permits: RateLimit) -> None:
    """Wait for a turn as long as a rate makes one wait, and for no other day.

    Raises:
        CrmQuotaSpent: there is none so soon.
    """
    if await wait_briefly(permits, LONGEST_OF_A_RATE):
        raise CrmQuotaSpent("the CRM's calls of this day are made: none is left for this", did_nothing=True)


def crm_client(
    crm: CrmConfig,
    session: aiohttp.ClientSession,
    heard: HeardCounts | None = None,
    turn: Callable[[], Awaitable[None]] = at_once,
    patience: Patience = ASK_ONCE,
) -> CrmClient:
    """A client of the configured CRM, which awaits `turn` and tells `heard` what it hears of the account's calls."""
    heard = heard or HeardCounts()
    return CrmClient(
        url=crm.url,
        account_id=crm.account_id,
        secret_key=crm.secret_key,
        session=session,
        timeout=CRM_SECONDS,
        times=crm.times,
        patience=patience,
        turn=turn,
        on_answer=heard.note,
        on_spent=heard.note_spent,
        on_throttled=heard.note_throttled,
    )
