"""Asks Sentinels who is primary, and believes none that speaks of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
from redis import asyncio as waiting

NO_ANSWER = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError, redis.InvalidResponse)

Found = tuple[str, int]
"""A host and a port."""


class NoPrimary(redis.ConnectionError):
    """No Sentinel names a primary that is up; the text says why, for the operator."""


class Silence(NoPrimary):
    """No Sentinel answers: the primary may still be the same."""


@dataclass(slots=True)
class Inquiry:
    """What the Sentinels, asked one after another, say about which server is the primary."""

    name: str
    newest: int = 0
    _older: list[tuple[int, Found]] = field(default_factory=list)
    _reason: str = ""
    _silence: str = "no Sentinel answers"

    def hear(self, masters: Any) -> Found | None:
        """The primary that this Sentinel names, unless it only knows the one of before the last failover."""
        known: Mapping[str, Any] | None = masters.get(self.name)
        if known is None:
            self._reason = "the Sentinels know no primary of the name in its URL"
            return None
        if not known["is_master"] or known["is_sdown"] or known["is_odown"]:
            self._reason = "the primary is down, and no replica has taken its place yet"
            return None
        epoch, found = int(known.get("config-epoch", 0)), (str(known["ip"]), int(known["port"]))
        if epoch < self.newest:
            self._older.append((epoch, found))
            return None
        self.newest = epoch
        return found

    def miss(self, fault: Exception) -> None:
        """Note that one of them gave no answer; the others are asked all the same."""
        match fault:
            case redis.AuthenticationError():
                self._reason = "a Sentinel refuses the user or password of its URL"
            case redis.exceptions.NoPermissionError():
                self._reason = "a Sentinel denies its user SENTINEL MASTERS"
            case redis.ResponseError() | redis.InvalidResponse():
                self._silence = "what answers in a Sentinel's place is none"

    def end(self) -> Found:
        """The best answer when all were asked: Sentinels that were set up anew all count from an older epoch.

        Raises:
            NoPrimary: none names one that is up.
        """
        if not self._older:
            raise NoPrimary(self._reason) if self._reason else Silence(self._silence)
        self.newest, found = max(self._older)
        return found


class Sentinels:
    """The Sentinels of one primary, asked in turn; the one that answered last is asked first the next time."""

    def __init__(self, clients: Sequence[redis.Redis]) -> None:
        """Ask nobody yet."""
        self._clients = list(clients)
        self._newest = 0

    def discover_master(self, name: str) -> Found:
        """Where the primary is; the name is what redis-py's pool calls.

        Raises:
            NoPrimary: nobody knows.
        """
        inquiry = Inquiry(name, self._newest)
        for client in list(self._clients):
            try:
                found = inquiry.hear(client.sentinel_masters())
            except NO_ANSWER as fault:
                inquiry.miss(fault)
            else:
                if found is not None:
                    self._clients.sort(key=lambda each: each is not client)
                    break
        else:
            found = inquiry.end()
        self._newest = inquiry.newest
        return found


class WaitingSentinels:
    """As `Sentinels`, for an event loop."""

    def __init__(self, clients: Sequence[waiting.Redis]) -> None:
        """Ask nobody yet."""
        self._clients = list(clients)
        self._newest = 0

    async def discover_master(self, name: str) -> Found:
        """Where the primary is; the name is what redis-py's pool calls.

        Raises:
            NoPrimary: nobody knows.
        """
        inquiry = Inquiry(name, self._newest)
        for client in list(self._clients):
            try:
                found = inquiry.hear(await client.sentinel_masters())
            except NO_ANSWER as fault:
                inquiry.miss(fault)
            else:
                if found is not None:
                    self._clients.sort(key=lambda each: each is not client)
                    break
        else:
            found = inquiry.end()
        self._newest = inquiry.newest
        return found

    async def close(self) -> None:
        """Close the connections to the Sentinels."""
        for client in self._clients:
            await client.aclose()
