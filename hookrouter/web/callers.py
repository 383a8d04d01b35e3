"""Where a request comes from, and by which address the caller's browser knows us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from flask import request

from hookrouter.config.model import ReceiverConfig
from hookrouter.wire.pushes.forwarded import caller_address

FORWARDED = ("Forwarded", "Via", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP")
FORWARDED_BEGIN = "x-forwarded-"
"""Any of these says that somebody on this machine passes on what comes from elsewhere."""
OF_PROXIES = "HTTP/1.0"
"""What nginx speaks to whom it passes on, unless told otherwise: then with our name and none of the headers above."""
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Callers:
    """Knows callers by the proxies that are trusted and the public address."""

    trusted: Sequence[IPv4Network | IPv6Network]
    public_url: str | None

    @classmethod
    def of(cls, receiver: ReceiverConfig) -> Callers:
        """By what the configuration says."""
        return cls(receiver.trusted_proxies, receiver.public_url)

    def address(self) -> str:
        """The caller's address, as far as proxies that are trusted say."""
        return caller_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), self.trusted)

    def is_this_machine(self) -> bool:
        """Whether somebody at this machine asks, by a name that only this machine has.

        Otherwise a page from anywhere could make its own name lead here, and read what a browser at this machine shows.
        """
        if _is_passed_on():
            return False
        return _is_loopback(request.remote_addr or "") and _without_port(request.host) in LOCAL_NAMES

    def is_secure(self) -> bool:
        """Whether the caller's browser came by TLS: so it did where it used the public address, if that begins so."""
        if request.headers.get("X-Forwarded-Proto", "") == "https" and self.address() != request.remote_addr:
            return True
        public = urlsplit(self.public_url or "")
        return public.scheme == "https" and public.netloc.lower() == request.host.lower()

    def is_same_site(self) -> bool:
        """Whether one of our own pages asks, by what a browser says of it; one that says nothing is believed.

        What a browser says cannot be forged by a page; who is no browser has no cookies that others could use. Of the
        two headers the first holds also behind a proxy that calls us by another name; browsers send it by TLS alone.
        """
        fetch_site = request.headers.get("Sec-Fetch-Site")
        if fetch_site is not None and fetch_site != "none":
            return fetch_site == "same-origin"
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        asking = urlsplit(origin).netloc.lower()
        return bool(asking) and asking in {request.host.lower(), urlsplit(self.public_url or "").netloc.lower()}


def _is_passed_on() -> bool:
    """Whether a proxy asks, for somebody who may be anywhere; none that browsers speak is so old."""
    if request.environ.get("SERVER_PROTOCOL") == OF_PROXIES:
        return True
    named = any(name.lower().startswith(FORWARDED_BEGIN) for name in request.headers.keys())  # noqa: SIM118 - not a dict
    return named or any(name in request.headers for name in FORWARDED)


def _is_loopback(address: str) -> bool:
    """Also where one of IPv4 is written as one of IPv6, as callers are that ask who listens at `::`."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
