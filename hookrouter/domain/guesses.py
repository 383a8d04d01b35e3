"""Who guesses: how often wrong tokens came from each address lately."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Network, ip_address

MOST = 20
WITHIN = 60.0
"""So many wrong tokens within so many seconds are a guesser's."""
ADDRESSES = 10_000
"""Remembered at most; the one longest silent is forgotten first."""
OF_ONE_CALLER = 64
"""Bits of an IPv6 address that name the network which a caller is given."""


@dataclass(slots=True)
class Guesses:
    """The wrong tokens of one process' callers; all moments are monotonic seconds."""

    _counted: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)

    def count(self, address: str, now: float) -> bool:
        """Count a wrong token; whether this address had too many."""
        since, guesses = self._counted.pop(address, (now, 0))
        if now - since > WITHIN:
            since, guesses = now, 0
        self._counted[address] = (since, guesses + 1)
        if len(self._counted) > ADDRESSES:
            self._counted.popitem(last=False)
        return guesses >= MOST


def caller_at(address: str) -> str:
    """What an address counts as: itself, or for IPv6 its network, in which one caller has endless addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Network((parsed, OF_ONE_CALLER), strict=False))
