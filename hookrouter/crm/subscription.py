"""The CRM asked to push."""

from __future__ import annotations

from hookrouter.crm.client import CrmClient


async def subscribe_to_lead_updates(client: CrmClient, url: str) -> bool:
    """Have lead updates pushed to a URL; whether the CRM says it will.

    The API can neither list nor end a subscription: each call adds one (crm-api 6.1).
    """
    result = await client.call("subscribeToLeadUpdates", {"url": url})
    return str(result.get("success")).lower() in ("true", "1")


class CrmSubscriptions:
    """The port `Subscriptions`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def subscribe(self, url: str) -> bool:
        """Have lead updates pushed to a URL; whether the CRM says it will."""
        return await subscribe_to_lead_updates(self._client, url)
