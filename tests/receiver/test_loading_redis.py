"""A Redis that was started anew and reads its file: it is there, and takes nothing yet."""

from __future__ import annotations

from typing import Any

import redis
from conftest import Receiver
from raw_http import exchange, request
from valkeys import SOUND, OwnValkey, eventually

from hookrouter.supervise.free_port import LOOPBACK

KEYS = 3_000
SLOWLY = ("--key-load-delay", "1500", "--loading-process-events-interval-bytes", "1024")
"""Microseconds for each of them, and so often that the server answers in between."""


def is_loading(valkey: OwnValkey) -> bool:
    return bool(valkey.info()["loading"])


def ask(receiver: Receiver, path: str) -> Any:
    return exchange(receiver.port, request(method="GET", path=path, length=None)).json


def test_pushes_wait_in_the_spool_until_it_has_read_its_file(own_valkey: OwnValkey, lone_receiver: Receiver) -> None:
    with redis.Redis(host=LOOPBACK, port=own_valkey.port) as client, client.pipeline(transaction=False) as pipeline:
        for number in range(KEYS):
            pipeline.set(f"other:{number}", number)
        pipeline.execute()
        client.bgrewriteaof()  # what it reads key by key, with answers in between, is its file's base
    eventually(lambda: not own_valkey.info()["aof_rewrite_in_progress"], "the file is written anew")
    own_valkey.kill()
    again = OwnValkey.start(own_valkey.folder, *SOUND, *SLOWLY, port=own_valkey.port)
    try:
        answers = [exchange(lone_receiver.port, request(b'[{"id": "%d"}]' % number)).status for number in range(20)]
        ready, loading = ask(lone_receiver, "/readyz"), is_loading(again)
        eventually(lambda: not is_loading(again), "the file is read")
        eventually(lambda: ask(lone_receiver, "/readyz")["reasons"] == [], "all that was spooled is fed")

        assert loading, "it was read before this could say anything"
        assert answers == [200] * 20
        assert (ready["ready"], ready["mode"]) == (True, "spool")
        assert again.call("ZCARD", f"{lone_receiver.prefix}:pushes") == 20
    finally:
        again.kill()
