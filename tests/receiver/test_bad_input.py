"""What the receiver answers to what it should not get, over real sockets."""

from __future__ import annotations

import pytest
from bad_input import CASES, PAGE, Case, page
from conftest import Receiver
from raw_http import TOKEN, exchange, request

pytestmark = pytest.mark.xdist_group("receiver")


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
        assert TOKEN.encode() not in answer.body


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
