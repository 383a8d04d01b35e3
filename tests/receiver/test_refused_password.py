"""A password that is changed under a running receiver: connections opened before go on, new ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import redis
from raw_http import exchange, request
from receivers import Receiver
from valkeys import OwnValkey, eventually

from hookrouter.supervise.free_port import LOOPBACK

AT_ONCE = 16
"""More than there are connections from before."""
REFUSES = "Redis refuses the user or password of its URL"


def set_password(valkey: OwnValkey, password: str, known: str | None = None) -> None:
    with redis.Redis(host=LOOPBACK, port=valkey.port, password=known) as client:
        client.config_set("requirepass", password)


def ask(receiver: Receiver, path: str) -> Any:
    return exchange(receiver.port, request(method="GET", path=path, length=None, host="localhost")).json


def many(act: Callable[[], Any]) -> set[Any]:
    """Do it often and at once; what came of it."""
    with ThreadPoolExecutor(AT_ONCE) as senders:
        return {answer.result() for answer in [senders.submit(act) for _ in range(2 * AT_ONCE)]}


def test_probes_say_what_every_push_meets_and_the_spool_is_fed_once_it_is_mended(
    lone_receiver: Receiver, own_valkey: OwnValkey
) -> None:
    numbers = count()

    def push() -> int:
        return exchange(lone_receiver.port, request(b'[{"id": "%d"}]' % next(numbers))).status

    def is_refused_throughout() -> bool:
        assert many(push) == {200}
        return many(lambda: ask(lone_receiver, "/readyz")["mode"]) == {"spool"}

    assert push() == 200
    set_password(own_valkey, "another")
    eventually(is_refused_throughout, "no connection from before is left to chance")
    ready, [health] = ask(lone_receiver, "/readyz"), ask(lone_receiver, "/health")["checks"]["redis"]
    set_password(own_valkey, "", known="another")
    eventually(lambda: ask(lone_receiver, "/readyz")["reasons"] == [], "all that was spooled is fed")

    redis_says, spool_says = ready["reasons"]
    waiting = int(spool_says.removeprefix("spool: "))
    assert waiting > 0
    assert redis_says == f"redis: {REFUSES}; {waiting} pushes wait in the spool"
    assert health["observedValue"] == f"{REFUSES}; {waiting} pushes wait in the spool"
    assert own_valkey.call("ZCARD", f"{lone_receiver.prefix}:pushes") == next(numbers)
