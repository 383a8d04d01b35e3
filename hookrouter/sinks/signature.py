"""Signatures as the Standard Webhooks specification wants them (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

from hookrouter.domain.ids import DeliveryId

PREFIX = "whsec_"


class Signer:
    """Signs with one or more secrets; the first one's signature stands first."""

    __slots__ = ("_webhooks",)

    def __init__(self, secrets: Sequence[str]) -> None:
        self._webhooks = tuple(Webhook(secret_bytes(secret)) for secret in secrets)

    def headers(self, delivery: DeliveryId, now: datetime, body: bytes) -> dict[str, str]:
        """The headers of one attempt; without a secret there is no signature among them."""
        headers = {"webhook-id": str(delivery), "webhook-timestamp": str(int(now.timestamp()))}
        if self._webhooks:
            text = body.decode()
            headers["webhook-signature"] = " ".join(webhook.sign(delivery, now, text) for webhook in self._webhooks)
        return headers


def secret_bytes(secret: str) -> bytes:
    """The key in a secret: `whsec_` and base64, or base64 alone.

    A secret that is not base64 stands for its own UTF-8 bytes: a receiver that wants the specification's
    form then configures `whsec_` followed by their base64.
    """
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
    return key or secret.encode()
