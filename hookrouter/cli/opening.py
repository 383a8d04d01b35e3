"""Opens what a command works on: settings, configuration, runtime, CRM."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from hookrouter.config.model import Config
from hookrouter.config.settings import Settings, read_settings
from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.crm.pace import Pace
from hookrouter.crm.patience import AS_A_PERSON, Patience
from hookrouter.crm_side import NO_CRM, crm_client
from hookrouter.domain.errors import ConfigurationError, CrmAway, NotFound
from hookrouter.domain.ids import SourceName
from hookrouter.domain.personal import Mask
from hookrouter.runtime import Runtime, open_runtime
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
    """Ask the configured CRM, within so many seconds if that is said, no faster than workers may; needs no Redis.

    Raises:
        ConfigurationError: there is none.
        CrmAway: it does not answer in time.
    """
    crm = config.crm
    if crm is None:
        raise ConfigurationError(NO_CRM)

    async def ask() -> T:
        async with open_crm_session() as session, asyncio.timeout(within):
            return await question(crm_client(crm, session, turn=Pace(crm.rate_limit).turn, patience=patience))

    try:
        return asyncio.run(ask())
    except TimeoutError:
        raise CrmAway(f"the CRM did not answer within {within:.0f} s") from None
