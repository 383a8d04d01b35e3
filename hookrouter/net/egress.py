"""Which addresses may be connected to: public ones, besides what the operator allows.

The address is checked where the socket is made, that is the address really connected to: a name that resolves
to something else at the second look (DNS rebinding), an address written in an odd way (127.1, 0x7f000001,
::ffff:127.0.0.1) or a literal that no resolver ever sees all come by there.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import aiohttp

from hookrouter.net.names import Names

Network = IPv4Network | IPv6Network
SocketAddress = tuple[object, ...]
AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, SocketAddress]

NOT_PUBLIC = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
"""IANA's special-purpose IPv4 addresses; written out, for Python's `is_global` calls multicast global."""

PUBLIC_V6 = IPv6Network("2000::/3")
"""All public IPv6 addresses are in here; 64:ff9b::/96 (NAT64), fc00::/7, fe80::/10, ff00::/8 are not."""

NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)

KEEP_ALIVE = 4.0  # Seconds. Node and uvicorn drop an idle connection after 5: be the first to let go.
DNS_CACHE = 10  # Seconds. Long enough for a burst, short enough for a move.


class ForbiddenAddress(OSError):  # noqa: N818 - it reads as what happened
    """A connection to an address that is not allowed was about to be made."""

    def __init__(self) -> None:
        # The same words for every address: the connector gives the error itself only if all its errors read alike.
        super().__init__("the address is private or reserved; `egress: {allow: [...]}` can allow it")


@dataclass(frozen=True, slots=True)
class EgressGuard:
    """Tells which addresses may be connected to; `allow` are networks that may be reached although not public."""

    allow: Sequence[Network] = ()

    def is_allowed(self, address: str) -> bool:
        """Whether a connection to this numeric address may be made."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        inner = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        judged = inner or parsed
        return _is_public(judged) or any(judged in network for network in self.allow)

    def open_socket(self, address: AddressInfo) -> socket.socket:
        """Make the socket for a connection.

        Raises:
            ForbiddenAddress: it would go where it must not.
        """
        family, kind, protocol, _, place = address
        if not self.is_allowed(str(place[0])):
            raise ForbiddenAddress
        return socket.socket(family=family, type=kind, proto=protocol)


def guarded_connector(guard: EgressGuard, limit: int = 0) -> aiohttp.TCPConnector:
    """A connector that connects to allowed addresses only; call it on the event loop.

    Args:
        guard: who says what is allowed.
        limit: the most connections at once; none by default, for each sink bounds its own and one that hangs
            must not use up what the others need.
    """
    return aiohttp.TCPConnector(
        limit=limit,
        ttl_dns_cache=DNS_CACHE,
        keepalive_timeout=KEEP_ALIVE,
        resolver=Names(),
        socket_factory=guard.open_socket,
    )


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC)
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)
