"""The X-Forwarded-For header: whence a request came, as far as proxies say that are trusted."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

MOST_HOPS = 20


def caller_address(peer: str, forwarded_for: str, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The nearest address that is no trusted proxy's.

    Args:
        peer: who holds the connection.
        forwarded_for: the header; each proxy appends whom it got the request from, and the caller may begin it
            with whatever it likes, so it is read from the end.
        trusted: the networks of the proxies.
    """
    address = peer
    for hop in reversed(forwarded_for.split(",")[-MOST_HOPS:]):
        if not _is_trusted(address, trusted) or _parsed(hop.strip()) is None:
            break
        address = hop.strip()
    return address


def _is_trusted(address: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
