"""Subscribe: ask the CRM to push lead updates to a source's hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.domain.errors import ConfigurationError, HookrouterError, NotFound
from hookrouter.domain.ids import SourceName
from hookrouter.ports.crm import Subscriptions

NO_ADDRESS = "receiver.public_url is not set: say there under which address the CRM reaches this service"
UNCONFIRMED = "the CRM took the call but did not confirm the subscription; try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Subscribes hooks; `tokens` are the secrets of the sources."""

    public_url: str | None
    tokens: Mapping[SourceName, str]
    subscriptions: Subscriptions

    async def run(self, source: str | None) -> SourceName:
        """Subscribe the hook of a source, or of the only one there is; gives its name.

        The CRM adds a subscription with every call and can list none (crm-api 6.1), so it is never called on a guess.

        Raises:
            ConfigurationError: the configuration does not say where the hook is.
            NotFound: there is no such source.
            CrmAway: the CRM does not answer.
            CrmRefused: it refuses.
        """
        chosen = self.choose(source)
        if not await self.subscriptions.subscribe(self.address(chosen)):
            raise HookrouterError(UNCONFIRMED)
        return chosen

    def address(self, source: SourceName) -> str:
        """Where the CRM is to push what is of a source, its token included.

        Raises:
            ConfigurationError: the configuration does not say.
        """
        if self.public_url is None:
            raise ConfigurationError(NO_ADDRESS)
        return hook_address(self.public_url, source, self.tokens[source])

    def choose(self, source: str | None) -> SourceName:
        """The source that is meant: the only one unless one is named.

        Raises:
            ConfigurationError: there are several, and none is named.
            NotFound: there is none of this name.
        """
        names = ", ".join(sorted(self.tokens))
        if source is None and len(self.tokens) > 1:
            raise ConfigurationError(f"there are several sources: say --source with one of {names}")
        chosen = next(iter(self.tokens)) if source is None else SourceName(source)
        if chosen not in self.tokens:
            raise NotFound(f"there is no source {chosen}; the configuration has {names}")
        return chosen


def hook_address(public_url: str, source: SourceName, token: str) -> str:
    """Where a source's hook is, as the CRM reaches it."""
    return f"{public_url}/hooks/{source}/{token}"
