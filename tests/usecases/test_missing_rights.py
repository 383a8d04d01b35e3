"""A right that is taken from Redis' user: pushes are spooled, and whoever asks is told why, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from least_user import admit, url_of
from runtimes import runtime_at
from valkeys import OwnValkey

from hookrouter.runtime import Runtime
from hookrouter.web.app import create_app

TOKEN = "a-token-only-for-tests"
CONFIGURATION = f"""
version: 1
receiver: {{sources: {{crm: {{token: {TOKEN}}}}}}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: all, to: [log]}}]
"""
MENDED = "all goes on as soon as it has them; nothing is to be started anew"
EVALSHA = "Redis denies its user EVALSHA: give it the rights in docs/redis.md"


@pytest.fixture
def runtime(tmp_path: Path, own_valkey: OwnValkey) -> Iterator[Runtime]:
    admit(own_valkey)
    made = runtime_at(tmp_path, url_of(own_valkey), CONFIGURATION, role="web", prefix="hr")
    made.backlog.know_sinks(made.config.sinks)
    yield made
    made.server.client.close()


def test_it_is_told_wherever_one_looks_until_it_is_given_back(runtime: Runtime, own_valkey: OwnValkey) -> None:
    client = create_app(runtime).test_client()

    def push(number: int) -> int:
        return int(client.post(f"/hooks/crm/{TOKEN}", data=json.dumps([{"id": str(number)}])).status_code)

    def asked(path: str) -> Any:
        return client.get(path).get_json(force=True)

    def redis_in_health() -> tuple[str, str]:
        [part] = asked("/health")["checks"]["redis"]
        return part["status"], f"{part['observedValue']}; {part.get('output', '')}"

    sound = asked("/readyz")
    admit(own_valkey, without="evalsha")
    answers = [push(1), push(2)]
    ready, in_health = asked("/readyz"), redis_in_health()
    admit(own_valkey, without="zadd")
    unread = redis_in_health()
    admit(own_valkey, without="bitcount")
    later = asked("/readyz"), redis_in_health()
    admit(own_valkey)
    fed = runtime.feed(runtime.wake).run()

    assert (sound, asked("/readyz"), fed) == ({"ready": True, "mode": "redis", "reasons": []}, sound, 2)
    assert answers == [200, 200]
    assert ready == {
        "ready": True,
        "mode": "spool",
        "reasons": [f"redis: {EVALSHA}; 2 pushes wait in the spool", "spool: 2"],
    }
    assert in_health == ("fail", f"{EVALSHA}; 2 pushes wait in the spool; {MENDED}")
    assert unread[0] == later[1][0] == "fail"
    assert "denies its user ZADD: " in unread[1]
    assert later[0]["mode"] == "redis"
    assert (
        "denies its user BITCOUNT: what needs it stands still until it has the rights in docs/redis.md" in later[1][1]
    )
    assert redis_in_health()[0] != "fail"


def test_a_right_that_health_itself_needs_is_told_with_all_others(runtime: Runtime, own_valkey: OwnValkey) -> None:
    admit(own_valkey, "-zcount", "-zadd", without="set")

    [part] = create_app(runtime).test_client().get("/health").get_json(force=True)["checks"]["redis"]

    assert part["observedValue"] == "Redis denies its user SET, ZADD, ZCOUNT: give it the rights in docs/redis.md"
    assert part["output"] == MENDED
