"""What the probes say of replicas that must have a push: those of a real primary, in step, standing still, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_http import Answer, exchange, request
from receivers import CONFIGURATION, Receiver, running_receiver
from valkeys import OwnValkey, eventually

REPLICATED = CONFIGURATION.replace("  sources:", "  durability: replicated\n  max_spool: 1MiB\n  sources:")
HALF_A_SPOOL = 3
"""Pushes of the largest size."""


@pytest.fixture
def receiver(primary: OwnValkey, replica: OwnValkey, tmp_path: Path) -> Iterator[Receiver]:
    with running_receiver(primary.url, tmp_path, REPLICATED) as running:
        yield running


@pytest.fixture
def ask(receiver: Receiver) -> Callable[[str], Answer]:
    return lambda path: exchange(receiver.port, request(method="GET", path=path, length=None, host="localhost"))


def push(receiver: Receiver, number: int, size: int = 0) -> Answer:
    return exchange(receiver.port, request((b'[{"id": "%d"}]' % number).ljust(size)))


def said_of_replicas(health: Answer) -> Any:
    [part] = health.json["checks"]["replicas"]
    return part["status"], part["observedValue"]


def test_replicas_in_step_are_nothing_to_speak_of(ask: Callable[[str], Answer]) -> None:
    assert ask("/readyz").json == {"ready": True, "mode": "redis", "reasons": []}
    assert said_of_replicas(ask("/health")) == ("pass", "1 of 1 confirm in time")


def test_one_that_is_connected_and_stands_still_is_named_until_it_is_back(
    receiver: Receiver, replica: OwnValkey, ask: Callable[[str], Answer]
) -> None:
    replica.freeze()

    assert push(receiver, 1).status == 200
    ready = ask("/readyz")
    assert (ready.status, ready.json["mode"]) == (200, "redis")
    assert ready.json["reasons"] == ["replicas: 0 of 1 confirm in time", "spool: 1"]
    assert said_of_replicas(ask("/health")) == ("warn", "0 of 1 confirm in time")

    replica.thaw()
    eventually(lambda: ask("/readyz").json["reasons"] == [], "the replica has it all and the spool is empty")


def test_without_a_replica_and_without_room_in_the_spool_no_push_is_asked_for(
    receiver: Receiver, replica: OwnValkey, ask: Callable[[str], Answer]
) -> None:
    replica.freeze()

    for number in range(HALF_A_SPOOL):
        push(receiver, number, size=255 * 1024)

    ready = ask("/readyz")
    assert (ready.status, ready.json["mode"]) == (503, "none")
    assert ready.json["reasons"] == ["replicas: 0 of 1 confirm in time", "spool: 3"]
