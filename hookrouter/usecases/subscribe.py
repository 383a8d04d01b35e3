"""Subscribe: ask the CRM to push lead updates to a source's hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.domain.errors import ConfigurationError, HookrouterError, NotFound
from hookrouter.domain.ids import SourceName
from hookrouter.ports.crm import Subscriptions


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
        if self.public_url is None:
            raise ConfigurationError(
                "receiver.public_url is not set: say there under which address the CRM reaches this service"
            )
        chosen = self._choose(source)
        if not await self.subscriptions.subscribe(f"{self.public_url}/hooks/{chosen}/{self.tokens[chosen]}"):
            raise HookrouterError("the CRM took the call but did not confirm the subscription; try again")
        return chosen

    def _choose(self, source: str | None) -> SourceName:
        names = ", ".join(sorted(self.tokens))
        if source is None and len(self.tokens) > 1:
            raise ConfigurationError(f"there are several sources: say --source with one of {names}")
        chosen = next(iter(self.tokens)) if source is None else SourceName(source)
        if chosen not in self.tokens:
            raise NotFound(f"there is no source {chosen}; the configuration has {names}")
        return chosen
