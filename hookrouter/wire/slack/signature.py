"""Slack's signature of a request: HMAC SHA-256 over its version, its moment and its body, by the app's secret.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=5)
"""How far a request's moment may be from ours, as Slack recommends."""

_MOMENT = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def may_be_signed(timestamp: str, signature: str, now: datetime) -> bool:
    """Whether a request's headers look like those of one that Slack signed just now; its body tells the rest."""
    if not _MOMENT.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    return abs(int(timestamp) - now.timestamp()) <= WITHIN.total_seconds()


def is_signed(secrets: Sequence[str], timestamp: str, signature: str, body: bytes) -> bool:
    """Whether one of the secrets signed it, in a time that tells nothing of any."""
    found = [hmac.compare_digest(sign(secret, timestamp, body), signature) for secret in secrets]
    return any(found)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """What Slack would write."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
