"""Whence a request came."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from hookrouter.wire.pushes.forwarded import caller_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
CALLER = "203.0.113.7"


@pytest.mark.parametrize(
    ("peer", "header", "caller"),
    [
        (CALLER, "", CALLER),
        (CALLER, "10.1.1.1", CALLER),
        (CALLER, "198.51.100.1, 10.1.1.1", CALLER),
        ("10.1.1.1", "", "10.1.1.1"),
        ("10.1.1.1", CALLER, CALLER),
        ("10.1.1.1", f"198.51.100.1, {CALLER}", CALLER),
        ("10.1.1.1", f"{CALLER}, 10.2.2.2", CALLER),
        ("10.1.1.1", f"198.51.100.1,{CALLER},10.2.2.2,fd00::7", CALLER),
        ("::ffff:10.1.1.1", CALLER, CALLER),
        ("10.1.1.1", "2001:db8::1", "2001:db8::1"),
        ("10.1.1.1", "unknown", "10.1.1.1"),
        ("10.1.1.1", f"{CALLER}, nonsense", "10.1.1.1"),
        ("10.1.1.1", "10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", ", , ,", "10.1.1.1"),
        ("10.1.1.1", ",".join(["10.2.2.2"] * 100_000), "10.2.2.2"),
        ("", CALLER, ""),
    ],
)
def test_the_nearest_address_that_is_no_trusted_proxys_is_the_callers(peer: str, header: str, caller: str) -> None:
    assert caller_address(peer, header, PROXIES) == caller
