"""What the receiver answers to what it should not get, over real sockets."""

from __future__ import annotations

import re
import socket
from uuid import uuid4

import pytest
from bad_input import CASES, PAGE, Case, page
from raw_http import PATIENCE, TOKEN, exchange, request
from receivers import Receiver

from hookrouter.supervise.free_port import LOOPBACK


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_it_gets_the_answer_that_is_documented(receiver: Receiver, case: Case) -> None:
    answer = exchange(receiver.port, case.sent, then_close=not case.more_to_come)

    assert answer.status == case.status, answer.body
    if case.status == 200:
        assert (answer.json["accepted"], answer.json["rejected"]) == case.answer
    elif case.status:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["title"] == case.answer
        assert answer.json["status"] == case.status
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert TOKEN.encode() not in answer.body


def answers_to(receiver: Receiver, sent: bytes) -> list[int]:
    """The statuses of all that comes back over one connection."""
    with socket.create_connection((LOOPBACK, receiver.port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def test_of_several_requests_over_one_connection_each_is_judged_by_itself(receiver: Receiver) -> None:
    right, forged = request(b'[{"id": "71"}]'), request(b'[{"id": "72"}]', path="/hooks/crm/forged-token-0123456789")

    assert answers_to(receiver, right + forged + right + forged) == [200, 404, 200, 404]


def test_the_body_of_a_refused_push_is_not_taken_for_a_request(receiver: Receiver) -> None:
    hidden = request(b'[{"id": "73"}]')

    assert answers_to(receiver, request(hidden, path="/hooks/crm/forged-token-0123456789")) == [404]
    assert answers_to(receiver, request(hidden)) == [400]


def test_a_push_whose_sender_does_not_wait_for_the_answer_is_taken_once(receiver: Receiver) -> None:
    pushed = request(b'[{"id": "%s"}]' % uuid4().hex.encode())
    with socket.create_connection((LOOPBACK, receiver.port), timeout=PATIENCE) as connection:
        connection.sendall(pushed)

    again = exchange(receiver.port, pushed).json
    last = exchange(receiver.port, pushed).json

    assert last == {**again, "duplicate": True}
    assert receiver.server.call("HEXISTS", f"{receiver.prefix}:push:{again['push']}", "receipt")


def test_the_receiver_has_not_failed_at_any_of_it(receiver: Receiver) -> None:
    assert exchange(receiver.port, request(b'[{"id": "99"}]')).json["accepted"] == 1
    log = receiver.log.read_text()

    assert "Traceback" not in log
    assert "request.failed" not in log
    assert TOKEN not in log


def test_the_page_of_the_documentation_tells_the_same() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python tests/receiver/bad_input.py"


def test_no_two_rows_are_alike() -> None:
    assert len({case.what for case in CASES}) == len(CASES) >= 80
