"""Senders that dawdle hold up nobody but themselves."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from raw_http import Answer, exchange, read_answer, request
from receivers import CONFIGURATION, Receiver, running_receiver

from hookrouter.supervise.free_port import LOOPBACK

LEAD = b'[{"id": "1"}]'
PLACES = 40
READY = request(method="GET", path="/readyz", length=None)


@pytest.fixture
def receiver(valkey, tmp_path: Path) -> Iterator[Receiver]:
    limits = f"limits: {{requests: {PLACES}, body_within: 30s,"
    configuration = CONFIGURATION.replace("limits: {", limits).replace(", body_within: 1s}", "}")
    with running_receiver(valkey.url, tmp_path, configuration) as running:
        yield running


def hold(stack: ExitStack, receiver: Receiver, count: int, sent: bytes) -> None:
    """Open connections that send so much and then nothing."""
    for _ in range(count):
        connection = stack.enter_context(socket.create_connection((LOOPBACK, receiver.port), timeout=5))
        connection.sendall(sent)


def test_a_push_is_taken_beside_many_that_do_not_come_on(receiver: Receiver) -> None:
    with ExitStack() as stack:
        hold(stack, receiver, PLACES - 1, request(LEAD)[:-5])
        hold(stack, receiver, 60, request(LEAD)[:30])

        assert exchange(receiver.port, request(LEAD)).json["accepted"] == 1


def test_two_hundred_that_dawdle_hold_up_neither_pushes_nor_probes(valkey, tmp_path: Path) -> None:
    usual = CONFIGURATION.replace(", body_within: 1s", "")
    with running_receiver(valkey.url, tmp_path, usual) as receiver, ExitStack() as stack:
        hold(stack, receiver, 100, request(LEAD)[:-5])
        hold(stack, receiver, 100, request(LEAD)[:30])

        for number in range(20):
            assert exchange(receiver.port, request(b'[{"id": "%d"}]' % number)).json["accepted"] == 1
            assert exchange(receiver.port, request(method="GET", path="/healthz", length=None)).status == 200


def test_when_all_places_are_held_a_push_is_asked_to_come_again_and_probes_are_answered(receiver: Receiver) -> None:
    with ExitStack() as stack:
        hold(stack, receiver, PLACES, request(LEAD)[:-5])
        answer = exchange(receiver.port, request(LEAD))

        assert (answer.status, answer.json["title"], answer.headers["retry-after"]) == (429, "too many at once", "1")
        assert exchange(receiver.port, request(method="GET", path="/healthz", length=None)).status == 200
        ready = exchange(receiver.port, READY)
        assert (ready.status, ready.json["reasons"][0][:25]) == (503, "requests: too many pushes")
    assert exchange(receiver.port, request(LEAD)).status == 200
    assert exchange(receiver.port, READY).json["reasons"] == []
    metrics = exchange(receiver.port, request(method="GET", path="/metrics", length=None)).body
    assert b'hookrouter_pushes_refused_total{reason="too-many-at-once",status="429"} 1.0' in metrics


def test_one_that_is_stopping_is_not_ready_and_takes_what_had_begun(receiver: Receiver) -> None:
    with ExitStack() as stack:
        pushing, asking = (
            stack.enter_context(socket.create_connection((LOOPBACK, receiver.port), timeout=5)) for _ in range(2)
        )
        pushing.sendall(request(LEAD)[:-5])
        os.kill(receiver.pid, signal.SIGTERM)
        ready: list[Answer] = []
        while not ready or ready[-1].status == 200:  # until the signal has come through
            asking.sendall(READY)
            ready.append(read_answer(asking))
        pushing.sendall(request(LEAD)[-5:])

        assert (ready[-1].status, ready[-1].json["reasons"]) == (503, ["receiver: it is stopping"])
        assert read_answer(pushing).json["accepted"] == 1
