"""The console's door under gunicorn: one session for all processes, and no guesser or dawdler keeps pushes out."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from raw_http import PATIENCE, Answer, exchange, read_answer, request
from receivers import CONFIGURATION, Receiver, running_receiver

from hookrouter.store.door import OF_ALL
from hookrouter.store.keys import Keys
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.web.console.forms import AT_ONCE, SMALLEST
from hookrouter.web.operators import MOST_OF_ALL

ADMIN = "an-admin-token-only-for-tests"
FORM = "Content-Type: application/x-www-form-urlencoded"
LEAD = b'[{"id": "1"}]'
LOOKS = 12


@pytest.fixture(scope="module")
def receiver(valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    folder = tmp_path_factory.mktemp("door")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOKROUTER_ADMIN_TOKEN", ADMIN)
        with running_receiver(valkey.url, folder, CONFIGURATION, processes=2) as running:
            yield running


def sign_in(receiver: Receiver, token: str) -> Answer:
    return exchange(receiver.port, signing_in(token))


def signing_in(token: str) -> bytes:
    return request(f"token={token}".encode(), path="/console/sign-in", headers=[FORM])


def look(receiver: Receiver, cookie: str) -> Answer:
    head = request(method="GET", path="/console/dead", headers=[f"Cookie: {cookie}"], length=None)
    return exchange(receiver.port, head, then_close=False)


def test_who_signed_in_at_one_process_is_known_to_all_until_signing_out(receiver: Receiver) -> None:
    cookie = sign_in(receiver, ADMIN).headers["set-cookie"].partition(";")[0]

    pages = [look(receiver, cookie) for _ in range(LOOKS)]
    found = re.search(rb'name="csrf" value="([^"]+)"', pages[0].body)
    assert found is not None
    leaving = request(b"csrf=" + found[1], path="/console/sign-out", headers=[FORM, f"Cookie: {cookie}"])
    left = exchange(receiver.port, leaving)
    after = [look(receiver, cookie).status for _ in range(LOOKS)]

    assert {page.status for page in pages} == {200}
    assert left.status == 303
    assert set(after) == {303}


def test_a_form_that_is_too_large_or_cut_short_is_refused(receiver: Receiver) -> None:
    large = exchange(receiver.port, request(b"token=" + b"x" * SMALLEST, path="/console/sign-in", headers=[FORM]))
    short = exchange(receiver.port, request(b"token=", path="/console/sign-in", headers=[FORM], length="50"))

    assert (large.status, short.status) == (413, 400)


def test_who_dawdles_over_a_form_makes_room_for_who_does_not(receiver: Receiver) -> None:
    begun = signing_in(ADMIN)[:-5]
    with ExitStack() as stack:
        for _ in range(4 * AT_ONCE):
            connection = stack.enter_context(socket.create_connection((LOOPBACK, receiver.port), timeout=PATIENCE))
            connection.sendall(begun)

        assert sign_in(receiver, ADMIN).status == 303
        assert exchange(receiver.port, request(LEAD)).status == 200


def test_while_tokens_are_guessed_from_everywhere_pushes_are_taken_and_the_right_token_opens(
    receiver: Receiver,
) -> None:
    receiver.server.call("SET", Keys(receiver.prefix).wrong_tokens(OF_ALL), MOST_OF_ALL, "EX", 60)
    with ExitStack() as stack:
        guesses = [
            stack.enter_context(socket.create_connection((LOOPBACK, receiver.port), timeout=PATIENCE)) for _ in range(4)
        ]
        for connection in guesses:
            connection.sendall(signing_in("a-guess"))
        push, right = exchange(receiver.port, request(LEAD)), sign_in(receiver, ADMIN)

        assert (push.status, right.status) == (200, 303)
        assert {read_answer(connection).status for connection in guesses} == {401}
