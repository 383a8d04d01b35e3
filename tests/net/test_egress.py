import asyncio
import socket
from datetime import timedelta
from ipaddress import ip_network

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.clock import SystemClock
from hookrouter.domain.outcome import Dead, Delivered, Reason
from hookrouter.net.answers import exchange
from hookrouter.net.egress import EgressGuard, ForbiddenAddress
from hookrouter.net.http_session import open_session
from hookrouter.sinks.slack import SINK as SLACK
from hookrouter.testing.builders import a_delivery
from hookrouter.testing.far_side import FarSide
from hookrouter.testing.sinks import ENOUGH, deliver

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:1::1",
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "2002::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "example.com",
    "1.2.3",
    "1.2.3.4.5",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001::200e",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", [*FORBIDDEN, ""])
def test_what_is_not_public_is_forbidden(address):
    assert not EgressGuard().is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_allowed(address):
    assert EgressGuard().is_allowed(address)


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        ("127.0.0.0/8", "127.0.0.1", True),
        ("127.0.0.0/8", "::ffff:127.0.0.1", True),
        ("127.0.0.0/8", "10.0.0.1", False),
        ("10.1.0.0/16", "10.1.2.3", True),
        ("10.1.0.0/16", "10.2.0.1", False),
        ("::1/128", "::1", True),
        ("fd00::/8", "fd12::1", True),
    ],
)
def test_the_operator_can_allow_a_network(network, address, allowed):
    assert EgressGuard((ip_network(network),)).is_allowed(address) is allowed


def test_no_socket_is_made_for_a_forbidden_address():
    with pytest.raises(ForbiddenAddress, match="egress"):
        EgressGuard().open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))


async def knock(host, guard, *, port, resolver=None):
    session = open_session(guard)
    if resolver is not None:
        session.connector._resolver = resolver
    async with session:
        return await exchange(
            session,
            method="POST",
            url=f"http://{host}:{port}/",
            headers={},
            body=b"{}",
            timeout=ENOUGH,
            clock=SystemClock(),
        )


class Rebinding(aiohttp.abc.AbstractResolver):
    """A name server that says a public address first and loopback from then on, and forgets at once."""

    def __init__(self):
        self.asked = 0

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked += 1
        address = "203.0.113.1" if self.asked == 1 else "127.0.0.1"
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


def test_a_name_that_first_is_public_and_then_loopback_reaches_nothing():
    async def knocking():
        resolver = Rebinding()
        async with FarSide() as far, open_session(EgressGuard((ip_network("203.0.113.0/24"),))) as session:
            session.connector._resolver = resolver
            session.connector._use_dns_cache = False
            outcomes = [
                await exchange(
                    session,
                    method="POST",
                    url=f"http://hooks.example.com:{far.port}/",
                    headers={},
                    body=b"{}",
                    timeout=timedelta(milliseconds=300),
                    clock=SystemClock(),
                )
                for _ in range(5)
            ]
            return outcomes, far.received

    outcomes, received = asyncio.run(knocking())

    assert received == []
    assert {outcome.reason for outcome in outcomes[1:]} == {Reason.FORBIDDEN_ADDRESS}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.0.1:80@127.0.0.1",
        "hooks.example.com@127.0.0.1",
        "0x7f.0.0.1",
        "0X7F000001",
        "0177.1",
        "00000177.0.0.1",
        "127.0.0.1%2F",
        "127.000.000.001",
        "017700000001.",
        "0x7f000001.",
        "127.255.255.254",
        "\N{FULLWIDTH DIGIT ONE}27.0.0.1",
        "١٢٧.0.0.1",
        "ⓛocalhost",
        "localhost%00.example.com",
        "[::ffff:0:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[::1%25lo]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "①②⑦.0.0.1",
        "0.0.0.0",
        "0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "127.0.0.1.",
        "127。0。0。1",
    ],
)
def test_no_way_of_writing_loopback_reaches_it(host):
    async def knocking():
        async with FarSide() as far:
            return await knock(host, EgressGuard(), port=far.port), far.received

    outcome, received = asyncio.run(knocking())

    assert not isinstance(outcome, Delivered)
    assert received == []
    if host in {"127.0.0.1", "localhost", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]"}:
        assert isinstance(outcome, Dead)
        assert outcome.reason is Reason.FORBIDDEN_ADDRESS


class Saying(aiohttp.abc.AbstractResolver):
    """A resolver that says what it was told, whatever is asked."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [
            {"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            for address in self.answers
        ]

    async def close(self):
        pass


def test_a_name_that_resolves_to_loopback_is_not_connected_to():
    async def knocking():
        async with FarSide() as far:
            resolver = Saying("127.0.0.1", "127.0.0.2", "10.0.0.1")
            return await knock("hooks.example.com", EgressGuard(), port=far.port, resolver=resolver), far.received

    outcome, received = asyncio.run(knocking())

    assert (outcome.reason, received) == (Reason.FORBIDDEN_ADDRESS, [])


def test_an_allowed_address_is_connected_to():
    async def knocking():
        async with FarSide() as far:
            guard = EgressGuard((ip_network("127.0.0.0/8"),))
            return await knock("127.0.0.1", guard, port=far.port), len(far.received)

    outcome, received = asyncio.run(knocking())

    assert isinstance(outcome, Delivered)
    assert received == 1


def test_the_slack_sink_is_guarded_likewise():
    async def knocking():
        async with FarSide() as far:
            return await deliver(SLACK, a_delivery(), allow=(), webhook_url=far.url + "/x"), far.received

    outcome, received = asyncio.run(knocking())

    assert (type(outcome), outcome.reason, received) == (Dead, Reason.FORBIDDEN_ADDRESS, [])


def test_an_allowed_network_opens_no_other_one():
    async def knocking():
        async with FarSide() as far:
            outcomes = [await knock("127.0.0.1", EgressGuard((ip_network(net),)), port=far.port) for net in ALLOWED]
            return outcomes, far.received

    outcomes, received = asyncio.run(knocking())

    assert [type(outcome) for outcome in outcomes] == [Delivered, Dead, Dead, Dead]
    assert len(received) == 1


ALLOWED = ["127.0.0.1/32", "127.0.0.2/32", "10.0.0.0/8", "::1/128"]


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_within(address):
    guard = EgressGuard()

    assert guard.is_allowed(f"::ffff:{address}") is guard.is_allowed(str(address))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["64:ff9b::", "::", "::ffff:0:"]))
def test_no_disguise_of_an_ipv4_address_is_public(number, prefix):
    inner = f"{number >> 16:x}:{number & 0xFFFF:x}"

    assert not EgressGuard().is_allowed(prefix + inner)
    assert not EgressGuard().is_allowed(f"2002:{inner}::1")
    assert not EgressGuard().is_allowed(f"2001:0:{inner}::1")
