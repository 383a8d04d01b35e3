"""Opens what a command works on: settings, configuration, runtime, CRM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from hookrouter.cli.interrupted import run_until_interrupted
from hookrouter.config.model import Config, CrmConfig
from hookrouter.config.settings import Settings, read_settings
from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.crm.pace import Pace
from hookrouter.crm.patience import AS_A_PERSON, Patience
from hookrouter.domain.errors import ConfigurationError, CrmAway, NotFound, StoreAway
from hookrouter.domain.ids import SourceName
from hookrouter.domain.personal import Mask
from hookrouter.domain.quota import Purpose
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.runtime.crm_side import NO_CRM, crm_client, crm_turns, turn_soon
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.crm_calls import HeardCounts
from hookrouter.store.keys import Keys
from hookrouter.supervise.embedded import running_url

T = TypeVar("T")


def settings_at_work() -> Settings:
    """The environment's settings; without a Redis URL, that of the embedded server that runs here, if one does."""
    settings = read_settings()
    if settings.redis_url is None:
        return replace(settings, redis_url=running_url(settings.data_dir))
    return settings


def open_cli() -> Runtime:
    """The parts for one command; nothing is reported but by the command itself."""
    return open_runtime(settings_at_work(), role="cli", quiet=True)


def chosen_source(runtime: Runtime, name: str | None) -> SourceName:
    """The source that is meant: the only one unless one is named.

    Raises:
        ConfigurationError: there are several, and none is named.
        NotFound: there is none of this name.
    """
    sources = runtime.config.receiver.sources
    names = ", ".join(sorted(sources))
    if name is None and len(sources) > 1:
        raise ConfigurationError(f"there are several sources: say --source with one of {names}")
    chosen = next(iter(sources)) if name is None else SourceName(name)
    if chosen not in sources:
        raise NotFound(f"there is no source {chosen}; the configuration has {names}")
    return chosen


def mask_of(config: Config) -> Mask:
    """Hides what is personal, as the configuration wants it."""
    return Mask(frozenset(config.redact))


def ask_crm(
    config: Config,
    question: Callable[[CrmClient], Awaitable[T]],
    *,
    within: float | None = None,
    patience: Patience = AS_A_PERSON,
) -> T:
    """Ask the configured CRM, within so many seconds if that is said.

    Turns are shared with all processes where Redis answers; it is not needed, and then this is no faster than workers.

    Raises:
        ConfigurationError: there is none.
        CrmAway: it does not answer in time.
    """
    crm = config.crm
    if crm is None:
        raise ConfigurationError(NO_CRM)

    async def ask() -> T:
        heard = HeardCounts()
        async with open_crm_session() as session, asyncio.timeout(within), _turns_at(crm, heard) as turn:
            return await question(crm_client(crm, session, heard, turn=turn, patience=patience))

    try:
        return run_until_interrupted(ask())
    except TimeoutError:
        raise CrmAway(f"the CRM did not answer within {within:.0f} s") from None


@asynccontextmanager
async def _turns_at(crm: CrmConfig, heard: HeardCounts) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Turns for a command: those of all processes where Redis answers, else of this one alone."""
    settings, alone = settings_at_work(), Pace(crm.rate_limit)
    if settings.redis_url is None:
        yield alone.turn
        return
    store = AsyncRedisServer(settings.redis_url, answer_within=1.0)
    shared = crm_turns(store, Keys(settings.key_prefix), crm, Purpose.OPERATOR, heard)

    async def turn() -> None:
        try:
            await turn_soon(shared)
        except StoreAway:
            await alone.turn()

    try:
        yield turn
    finally:
        await store.close()
