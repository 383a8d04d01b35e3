"""Tens of thousands of bodies that nobody would send: each is taken with its leads accounted for, or refused.

HOOKROUTER_FUZZ_SEED=7 pytest tests/receiver/test_fuzz.py    other bodies than the usual
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_http import HOOK, TOKEN
from receivers import Receiver

from hookrouter.supervise.free_port import LOOPBACK

pytestmark = pytest.mark.timeout(300)

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "wire" / "pushes").iterdir())]
A_ROUND = 2_500
MOST_GROWTH = 24 * 1024 * 1024
SEED = int(os.environ.get("HOOKROUTER_FUZZ_SEED", "20261124"))
REFUSALS = {400, 413, 415, 422}
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=xyz",
    "text/xml",
    "",
    ";",
)
CODINGS = ("", "", "", "", "gzip", "deflate", "br")
TOKENS = (
    b"[", b"]", b"{", b"}", b'"', b",", b":", b"\\", b"\0", b"\xff", b"\xef\xbb\xbf", b"null", b"true", b"1e999", b"-",
    b"\\ud83d", b"\\u0000", b"%00", b"%ff", b"&", b"=", b"[]", b"[0]", b"\r\n", b"--", b"\r\n\r\n", b"9" * 30, b"leads",
    b'"id":', b'"lead":', b'"result":', b"\x1f\x8b\x08", "ü€😀".encode(), b"<", b"&amp;", b"{{",
)  # fmt: skip


@pytest.mark.parametrize("bodies", [2_500, pytest.param(50_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_whatever_comes_is_taken_or_refused(receiver: Receiver, bodies: int) -> None:
    dice = random.Random(SEED)
    answers: Counter[int] = Counter()
    sizes = []
    for _ in range(bodies // A_ROUND):
        for _ in range(A_ROUND):
            answers[_judge(receiver, *_mutated(dice))] += 1
        _forget_all(receiver)
        sizes.append(_resident(receiver))
    print(f"seed {SEED}: {dict(answers)}; resident MiB: {[size >> 20 for size in sizes]}")

    assert sum(answers.values()) == bodies
    assert answers.keys() <= {200, *REFUSALS}
    assert answers[200] > bodies // 20, "too few were taken for this to say much"
    assert sizes[-1] - sizes[len(sizes) // 4] < MOST_GROWTH, sizes
    assert "request.failed" not in receiver.log.read_text()


NAMES = st.sampled_from(
    ["id", "leadID", "whoID", "emailAddress", "leadScore", "active", "lead", "leads", "data", "result"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def in_a_form(value: object) -> str:
    return urlencode({"leads": json.dumps(value)})


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, st.sampled_from([json.dumps, in_a_form]))
def test_whatever_json_comes_is_taken_or_refused(
    receiver: Receiver, value: object, write: Callable[[object], str]
) -> None:
    assert _judge(receiver, write(value).encode(), {}) in {200, *REFUSALS}


def _judge(receiver: Receiver, body: bytes, headers: dict[str, str]) -> int:
    """Send a body and check what its answer says of it."""
    status, answer = _answered(_connection(receiver.port), body, headers)
    said = json.loads(answer)
    if status == 200:
        assert said["leads"] == said["accepted"] + said["rejected"], (body, said)
    else:
        assert status in REFUSALS, (status, said, body, headers)
        assert said["status"] == status
        assert TOKEN not in str(said)
    return status


def _answered(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """The status and the body of an answer.

    A connection that was idle may be closed by the receiver while the next request is under way to it, so that
    request is sent once more, on a new one; what ends a new connection is a fault.
    """
    was_used = connection.sock is not None
    try:
        return _answered_at_once(connection, body, headers)
    except ConnectionError:
        connection.close()
        if not was_used:
            raise
    return _answered_at_once(connection, body, headers)


def _answered_at_once(
    connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
) -> tuple[int, bytes]:
    connection.request("POST", HOOK, body, {"Content-Type": "", **headers})
    with connection.getresponse() as answer:
        return answer.status, answer.read()


_open: dict[int, http.client.HTTPConnection] = {}


def _connection(port: int) -> http.client.HTTPConnection:
    if port not in _open:
        _open[port] = http.client.HTTPConnection(LOOPBACK, port, timeout=20)
    return _open[port]


@pytest.fixture(scope="module", autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    while _open:
        _open.popitem()[1].close()


def _mutated(dice: random.Random) -> tuple[bytes, dict[str, str]]:
    body = bytearray(dice.choice(SAMPLES))
    for _ in range(dice.choice((0, 1, 1, 2, 3, 8))):
        dice.choice(MUTATIONS)(body, dice)
    coding = dice.choice(CODINGS)
    sent = gzip.compress(body, 1) if coding == "gzip" and dice.random() < 0.8 else bytes(body)
    if coding and dice.random() < 0.2:
        sent = sent[: dice.randrange(len(sent) + 1)]
    return sent, {"Content-Type": dice.choice(TYPES), **({"Content-Encoding": coding} if coding else {})}


def _flip(body: bytearray, dice: random.Random) -> None:
    if body:
        body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)


def _insert(body: bytearray, dice: random.Random) -> None:
    place = dice.randrange(len(body) + 1)
    body[place:place] = dice.choice(TOKENS)


def _cut(body: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(body) + 1)
    del body[start : start + dice.randrange(1, 40)]


def _truncate(body: bytearray, dice: random.Random) -> None:
    del body[dice.randrange(len(body) + 1) :]


def _repeat(body: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(body) + 1)
    body[start:start] = body[start : start + dice.randrange(1, 60)] * dice.choice((1, 2, 20))


def _splice(body: bytearray, dice: random.Random) -> None:
    other = dice.choice(SAMPLES)
    body[dice.randrange(len(body) + 1) :] = other[dice.randrange(len(other) + 1) :]


MUTATIONS = (_flip, _insert, _insert, _cut, _truncate, _repeat, _splice)


def _forget_all(receiver: Receiver) -> None:
    keys = list(receiver.server.client.scan_iter(f"{receiver.prefix}:*", count=5000))
    for start in range(0, len(keys), 1000):
        receiver.server.client.unlink(*keys[start : start + 1000])


def _resident(receiver: Receiver) -> int:
    """Bytes of memory of the receiver and its children."""
    family = [receiver.pid]
    for process in family:
        for task in Path(f"/proc/{process}/task").iterdir():
            family += map(int, (task / "children").read_text().split())
    pages = [int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in family]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
