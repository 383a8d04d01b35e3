"""Admit: let a known source in by its token, from where it may come."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.guesses import Guesses, caller_at
from hookrouter.domain.ids import SourceName
from hookrouter.ports.surroundings import Clock

WRONG_TOKEN = "the address had a token that is not this source's"  # noqa: S105 - a reason, no password
NOT_ALLOWED = "it came by the right token from a network that `allow` does not name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What opens a source's hook: any of its tokens, from one of its networks if it names any."""

    tokens: tuple[str, ...] = field(repr=False)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def is_open_to(self, address: str) -> bool:
        """Whether a caller may come from there."""
        if not self.networks:
            return True
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(caller, "ipv4_mapped", None)
        return any((mapped or caller) in network for network in self.networks)


MOST_TOKENS = 5
"""Of one source; as many are compared for each, so that the time tells neither whether there is one nor of how many."""
LOCKED = Door(tokens=("",))
"""Of sources that do not exist: no token opens it, for an empty one never comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Guards the hooks."""

    doors: Mapping[SourceName, Door]
    clock: Clock
    guesses: Guesses = field(default_factory=Guesses)

    def refusal_of(self, source: str, token: str) -> str:
        """Why a caller of a known source was refused, for the operator alone; '' when there is no such source."""
        door = self.doors.get(SourceName(source))
        if door is None:
            return ""
        given = _digest(token)
        is_known = any(hmac.compare_digest(given, _digest(expected)) for expected in door.tokens)
        return NOT_ALLOWED if is_known else WRONG_TOKEN

    def admit(self, source: str, token: str, address: str) -> SourceName:
        """Let a caller in.

        Args:
            source: as the hook's address names it.
            token: likewise.
            address: whence the caller comes, as far as proxies that are trusted say.

        Raises:
            PushRefused: 404, the same and after the same work for an unknown source, a wrong token and a wrong
                network; 429 to an address that guesses. A right token is never refused for the guesses of others.
        """
        name = SourceName(source)
        door = self.doors.get(name, LOCKED)
        given = _digest(token)
        compared = (*door.tokens, *[""] * (MOST_TOKENS - len(door.tokens)))
        matches = [hmac.compare_digest(given, _digest(expected)) for expected in compared]
        if any(matches[: len(door.tokens)]) and door is not LOCKED and door.is_open_to(address):
            return name
        if self.guesses.count(caller_at(address), self.clock.monotonic()):
            detail = "too many wrong addresses came from here: wait a minute"
            raise PushRefused(429, "too many guesses", detail, retry_after=60)
        raise PushRefused(404, "no such hook", "there is no hook at this address")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
