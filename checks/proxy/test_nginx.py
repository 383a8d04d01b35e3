"""What the shipped nginx.conf keeps from the receiver, and what it lets through."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import ExitStack
from typing import Any

import pytest
from proxy_support import ALLOWED, ELSEWHERE, HOOK, NAME, TOKEN, Front, exchange, request

MEBIBYTE = 1024 * 1024
LEAD = b'[{"id": "1"}]'


def push(front: Front, number: int, *headers: str, caller: str = ALLOWED) -> tuple[int, Any]:
    status, _, body = exchange(front, request(HOOK, b'[{"id": "%d"}]' % number, *headers), caller=caller)
    return status, json.loads(body)


def test_a_push_comes_through(front: Front) -> None:
    status, answer = push(front, 100)

    assert (status, answer["accepted"], answer["duplicate"]) == (200, 1, False)


def test_a_push_in_chunks_and_a_push_of_fifteen_mebibytes_come_through(front: Front) -> None:
    chunks = b"d\r\n" + LEAD + b"\r\n0\r\n\r\n"
    head = f"POST {HOOK} HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

    assert exchange(front, head + chunks)[0] == 200
    assert exchange(front, request(HOOK, LEAD + b" " * (15 * MEBIBYTE)))[0] == 200


def test_a_probe_of_the_hook_and_of_its_life_come_through(front: Front) -> None:
    assert exchange(front, request(method="GET"))[0] == 200
    assert exchange(front, request("/healthz", method="GET"))[2] == b"ok\n"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/metrics",
        "/health",
        "/readyz",
        "/hooks",
        "/hooks/crm",
        f"{HOOK}/more",
        "/hooks/../metrics",
        "/hooks/crm/../../metrics",
        "/hooks/crm/..%2f..%2fmetrics",
        "/hooks/%2e%2e/metrics",
        "//metrics",
        "/healthz/../metrics",
        "/slack",
        "/slack/actions/more",
        "/wp-login.php",
    ],
)
def test_nothing_else_is_let_through(front: Front, path: str) -> None:
    status, headers, body = exchange(front, request(path, method="GET"))

    assert (status, headers["content-type"]) == (404, "text/html")
    assert b"nginx" in body, "it is not the receiver that answered"


def test_a_path_that_only_looks_like_a_hook_leads_nowhere(front: Front) -> None:
    assert exchange(front, request(f"/metrics/..{HOOK}", method="GET"))[0] == 404


def test_a_wrong_token_is_answered_by_the_receiver(front: Front) -> None:
    status, headers, _ = exchange(front, request("/hooks/crm/wrong-token-0123456789", LEAD))

    assert (status, headers["content-type"]) == (404, "application/problem+json")


def test_slack_s_buttons_are_answered_by_the_receiver(front: Front) -> None:
    status, headers, _ = exchange(front, request("/slack/actions", LEAD))

    assert (status, headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("length", [17 * MEBIBYTE, 10**15])
def test_what_is_too_large_is_refused_before_it_comes(front: Front, length: int) -> None:
    assert exchange(front, request(HOOK, LEAD, length=length))[0] == 413


def test_what_is_too_large_and_comes_in_chunks_is_refused(front: Front) -> None:
    head = f"POST {HOOK} HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

    assert exchange(front, head + b"1100000\r\n" + b" " * (17 * MEBIBYTE) + b"\r\n0\r\n\r\n")[0] == 413


@pytest.mark.parametrize(
    "claim", ["X-Forwarded-For", "X_Forwarded_For", "x-forwarded-for", "Forwarded", "X-Real-IP", "True-Client-IP"]
)
def test_the_networks_of_a_source_see_the_true_caller_whatever_it_claims(front: Front, claim: str) -> None:
    assert push(front, 1, caller=ELSEWHERE)[0] == 404
    value = f"for={ALLOWED}" if claim == "Forwarded" else ALLOWED
    assert push(front, 2, f"{claim}: {value}", caller=ELSEWHERE)[0] == 404
    assert push(front, 3, f"{claim}: {ELSEWHERE}")[0] == 200


def test_two_hundred_slow_senders_hold_up_no_push(front: Front) -> None:
    with ExitStack() as stack:
        for number in range(200):
            connection = stack.enter_context(front.connect(caller=f"127.0.1.{1 + number % 8}"))
            connection.sendall(request(HOOK, LEAD)[: -5 if number % 2 else 40])

        answers = [push(front, 1000 + number) for number in range(50)]
        alive = exchange(front, request("/healthz", method="GET"))[0]

    assert {(status, answer["accepted"]) for status, answer in answers} == {(200, 1)}
    assert alive == 200


def test_who_asks_for_another_name_gets_no_answer(front: Front) -> None:
    with pytest.raises(ssl.SSLError):
        front.connect(name="other.example.com")
    with front.connect() as connection:
        connection.sendall(request(HOOK, LEAD).replace(NAME.encode(), b"other.example.com"))
        assert connection.recv(100) == b""


def test_one_address_that_sends_too_fast_is_asked_to_slow_down_and_others_are_not(front: Front) -> None:
    with front.connect(caller="127.0.0.9") as connection:
        connection.sendall(request("/healthz", method="GET") * 400)
        received = b""
        deadline = time.monotonic() + 10
        while received.count(b"HTTP/1.1 ") < 400 and time.monotonic() < deadline:
            received += connection.recv(65536)

    assert b"HTTP/1.1 429" in received
    assert push(front, 4)[0] == 200


def test_while_no_receiver_is_there_a_sender_is_asked_to_come_again(front_alone: Front) -> None:
    status, headers, body = exchange(front_alone, request(HOOK, LEAD))

    assert (status, headers["content-type"], headers["retry-after"]) == (503, "application/problem+json", "5")
    assert json.loads(body)["status"] == 503
    assert TOKEN not in front_alone.logs()


def test_no_log_of_nginx_or_the_receiver_holds_a_token_or_a_lead(front: Front) -> None:
    push(front, 31415926)
    exchange(front, request(HOOK, LEAD, length=17 * MEBIBYTE))
    exchange(front, request(f"/nowhere{HOOK}?{TOKEN}", LEAD))
    exchange(front, f"GET {HOOK} HTTP/1.1\r\nBroken {TOKEN}\r\n\r\n".encode())

    logs = front.logs()

    assert "hooks 200" in logs
    assert "push.received" in logs
    assert TOKEN not in logs
    assert "31415926" not in logs
    assert HOOK.rsplit("/", 1)[0] not in logs
