"""Who is let in."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.guesses import ADDRESSES, MOST, WITHIN, Guesses
from hookrouter.domain.ids import SourceName
from hookrouter.ports.surroundings import Clock
from hookrouter.usecases.admit import Admit, Door

OLD, NEW, OTHERS = "old-token-0123456789", "new-token-0123456789", "others-token-0123456789"
HERE = "203.0.113.7"


@dataclass
class StandingClock:
    """A clock that is set by hand."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def admit(clock: StandingClock) -> Admit:
    near = (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))
    doors = {SourceName("crm"): Door(tokens=(NEW, OLD)), SourceName("forms"): Door(tokens=(OTHERS,), networks=near)}
    return Admit(doors=doors, clock=cast("Clock", clock))


def refusal(admit: Admit, source: str, token: str, address: str = HERE) -> int:
    with pytest.raises(PushRefused) as refused:
        admit.admit(source, token, address)
    return refused.value.status


def test_every_token_of_a_source_opens_its_hook(admit: Admit) -> None:
    assert admit.admit("crm", OLD, HERE) == admit.admit("crm", NEW, HERE) == "crm"


@pytest.mark.parametrize(
    ("source", "token"),
    [
        ("crm", OTHERS),
        ("crm", OLD[:-1]),
        ("crm", OLD + "x"),
        ("crm", ""),
        ("crm", "Zoë"),
        ("crm", "\udcff"),
        ("crm", "x" * 10_000),
        ("nobody", OLD),
        ("nobody", ""),
        ("Crm", OLD),
    ],
)
def test_nothing_else_does_and_all_get_one_answer(admit: Admit, source: str, token: str) -> None:
    assert refusal(admit, source, token) == 404


@pytest.mark.parametrize("address", [HERE, "::ffff:203.0.113.9", "2001:db8::1"])
def test_a_source_with_networks_comes_from_them(admit: Admit, address: str) -> None:
    assert admit.admit("forms", OTHERS, address) == "forms"


@pytest.mark.parametrize("address", ["198.51.100.1", "::1", "", "unix", "203.0.113.7.1"])
def test_and_from_nowhere_else(admit: Admit, address: str) -> None:
    assert refusal(admit, "forms", OTHERS, address) == 404


def test_who_guesses_too_often_is_told_to_wait(admit: Admit, clock: StandingClock) -> None:
    assert [refusal(admit, "crm", "wrong") for _ in range(MOST + 2)] == [404] * MOST + [429] * 2
    assert refusal(admit, "crm", "wrong", "198.51.100.1") == 404
    assert admit.admit("crm", OLD, HERE) == "crm", "behind one proxy all have one address"
    clock.seconds += WITHIN + 1
    assert refusal(admit, "crm", "wrong") == 404


@given(st.lists(st.integers(0, 3 * ADDRESSES), max_size=50))
def test_a_flood_of_addresses_is_bounded(addresses: list[int]) -> None:
    guesses = Guesses()
    for address in [*addresses, *range(ADDRESSES + 10)] if addresses[:1] == [0] else addresses:
        guesses.count(str(address), 0.0)

    assert len(guesses._counted) <= ADDRESSES


def test_a_refusal_keeps_nothing_of_the_refusals_before_it(admit: Admit) -> None:
    with pytest.raises(PushRefused) as first:
        admit.admit("crm", "x", HERE)
    with pytest.raises(PushRefused) as second:
        admit.admit("crm", "x", HERE)

    assert first.value is not second.value  # a shared one would grow by a traceback, with the token in it, each time


def test_the_addresses_of_one_network_of_ipv6_guess_as_one(admit: Admit) -> None:
    answers = [refusal(admit, "crm", "wrong", f"2001:db8:0:7::{number:x}") for number in range(MOST + 1)]

    assert answers == [404] * MOST + [429]
    assert refusal(admit, "crm", "wrong", "2001:db8:0:8::1") == 404


def test_an_address_of_ipv4_counts_as_itself_however_it_is_written(admit: Admit) -> None:
    for _ in range(MOST):
        refusal(admit, "crm", "wrong", "::ffff:203.0.113.7")

    assert refusal(admit, "crm", "wrong", "203.0.113.7") == 429
    assert refusal(admit, "crm", "wrong", "::ffff:203.0.113.8") == 404
