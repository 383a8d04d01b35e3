"""Real processes: what the release before this one left in Redis, wherever it waited, comes to its end by this one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_crm import Crm
from flow_stack import HttpRecorder, Stack, eventually
from slack_workspace import Workspace
from test_a_person_is_forgotten import KEYS, PARTITIONS, SINK_NAMES, busy, waiting

StackOf = Callable[..., Stack]
LEFT = json.loads((Path(__file__).parents[1] / "upgrade" / "previous.json").read_text())["keys"]
TO_HTTP = ("api", "broken", "quiet")


def load(stack: Stack) -> None:
    """Put everything back as it stood."""
    for name, found in LEFT.items():
        for command in _commands(name, found["type"], found["holds"]):
            stack.server.call(*command)


def _commands(name: str, kind: str, holds: Any) -> Iterator[tuple[Any, ...]]:
    match kind:
        case "string":
            yield "SET", name, _raw(holds)
        case "hash":
            yield "HSET", name, *(_raw(each) for pair in holds.items() for each in pair)
        case "list":
            yield "RPUSH", name, *map(_raw, holds)
        case "set":
            yield "SADD", name, *map(_raw, holds)
        case "zset":
            pairs = zip(holds[::2], holds[1::2], strict=True) if holds and not isinstance(holds[0], list) else holds
            yield "ZADD", name, *(each for member, score in pairs for each in (float(score), _raw(member)))
        case "stream":
            for entry, fields in holds:
                yield "XADD", name, entry, *(_raw(each) for pair in fields.items() for each in pair)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def waiting_for(sink: str) -> set[str]:
    """The deliveries that waited for a sink, by their ids."""
    streams = [each for name in (KEYS.outbox(sink), KEYS.again(sink), KEYS.shut(sink, "shut")) for each in held(name)]
    retrying = LEFT.get(KEYS.retry_records(sink), {"holds": {}})["holds"]
    records = [*(fields["r"] for _, fields in streams), *retrying.values()]
    return {json.loads(record)["id"] for record in records}


def held(name: str) -> list[Any]:
    return list(LEFT.get(name, {"holds": []})["holds"])


@pytest.mark.long
def test_all_that_waited_comes_to_its_end(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm, workspace: Workspace
) -> None:
    text = busy(recorder, crm, workspace).replace("retry: {for: 3h}", "retry: {for: 3650d}")
    recorder.script = lambda arrival: 404 if arrival.path == "/dying" else 200
    stack = stack_of(text, processes=())
    eventually(stack.has_redis, "Redis answers")
    load(stack)
    wanted = {sink: waiting_for(sink) for sink in TO_HTTP}
    assert all(wanted.values())

    stack.start("web", "worker", "scheduler")
    eventually(stack.is_ready, "the receiver is ready")
    stack.run("resume", "shut")

    for sink, ids in wanted.items():
        eventually(
            lambda sink=sink, ids=ids: ids <= told(recorder, sink) | overtaken(stack),
            f"{sink} is told of what waited for it",
        )
    eventually(lambda: recorder.at("/gathered"), "what was gathered arrives")
    eventually(lambda: not waiting(stack) and not left(stack), "nothing waits any more")
    assert stack.server.call("EXISTS", KEYS.unreadable()) == 0
    assert "entry.unreadable" not in stack.logs()


def told(recorder: HttpRecorder, sink: str) -> set[str]:
    return {arrival.headers["webhook-id"] for arrival in recorder.at(f"/{sink}")}


def overtaken(stack: Stack) -> set[str]:
    """The deliveries in whose place a later one of the same lead went out."""
    attempts = [json.loads(fields[b"r"]) for _, fields in stack.server.call("XRANGE", KEYS.attempts(), "-", "+")]
    return {each["id"] for each in attempts if each["outcome"] == "superseded"}


def left(stack: Stack) -> int:
    streams = [KEYS.clicks(), *map(KEYS.intake, PARTITIONS), *map(KEYS.let_in, SINK_NAMES)]
    retrying = sum(stack.server.call("ZCARD", KEYS.retries(sink)) for sink in SINK_NAMES)
    return retrying + sum(stack.server.call("XLEN", stream) for stream in streams)
