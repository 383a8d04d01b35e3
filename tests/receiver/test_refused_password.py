"""A password that is changed under a running receiver: connections opened before go on, new ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import redis
from conftest import CONFIGURATION, Receiver, running_receiver
from raw_http import exchange, request
from valkeys import OwnValkey, eventually

from hookrouter.supervise.free_port import LOOPBACK

AT_ONCE = 16
"""More than there are connections from before."""
REFUSES = "Redis refuses the user or password of its URL"


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    made = OwnValkey.start(tmp_path / "valkey")
    yield made
    made.kill()


@pytest.fixture
def receiver(own_valkey: OwnValkey, tmp_path: Path) -> Iterator[Receiver]:
    with running_receiver(own_valkey.url, tmp_path, CONFIGURATION) as running:
        yield running


def set_password(valkey: OwnValkey, password: str, known: str | None = None) -> None:
    with redis.Redis(host=LOOPBACK, port=valkey.port, password=known) as client:
        client.config_set("requirepass", password)


def ask(receiver: Receiver, path: str) -> Any:
    return exchange(receiver.port, request(method="GET", path=path, length=None)).json


def many(act: Callable[[], Any]) -> set[Any]:
    """Do it often and at once; what came of it."""
    with ThreadPoolExecutor(AT_ONCE) as senders:
        return {answer.result() for answer in [senders.submit(act) for _ in range(2 * AT_ONCE)]}


def test_probes_say_what_every_push_meets_and_the_spool_is_fed_once_it_is_mended(
    receiver: Receiver, own_valkey: OwnValkey
) -> None:
    numbers = count()

    def push() -> int:
        return exchange(receiver.port, request(b'[{"id": "%d"}]' % next(numbers))).status

    def is_refused_throughout() -> bool:
        assert many(push) == {200}
        return many(lambda: ask(receiver, "/readyz")["mode"]) == {"spool"}

    assert push() == 200
    set_password(own_valkey, "another")
    eventually(is_refused_throughout, "no connection from before is left to chance")
    ready, [health] = ask(receiver, "/readyz"), ask(receiver, "/health")["checks"]["redis"]
    set_password(own_valkey, "", known="another")
    eventually(lambda: ask(receiver, "/readyz")["reasons"] == [], "all that was spooled is fed")

    redis_says, spool_says = ready["reasons"]
    waiting = int(spool_says.removeprefix("spool: "))
    assert waiting > 0
    assert redis_says == f"redis: {REFUSES}; {waiting} pushes wait in the spool"
    assert health["observedValue"] == f"{REFUSES}; {waiting} pushes wait in the spool"
    assert own_valkey.call("ZCARD", f"{receiver.prefix}:pushes") == next(numbers)
