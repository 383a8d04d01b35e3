"""The user that the documentation gives hookrouter on a Redis of one's own: enough for all of it, and no more."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from cli_support import PATIENCE, Shell
from ports import free_ports
from valkeys import SOUND, OwnValkey, eventually

from hookrouter.supervise.free_port import LOOPBACK

TOKEN = "a-token-only-for-tests"
CONFIGURATION = f"""
version: 1
receiver: {{durability: replicated, sources: {{crm: {{token: {TOKEN}}}}}}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: all, to: [log]}}]
"""
DOCUMENT = Path(__file__).parents[2] / "docs" / "redis.md"
FORBIDDEN = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("KEYS", "*"),
    ("CONFIG", "SET", "appendonly", "no"),
    ("SHUTDOWN", "NOSAVE"),
    ("REPLICAOF", "NO", "ONE"),
    ("ACL", "SETUSER", "other"),
    ("MODULE", "LIST"),
    ("MONITOR",),
    ("SAVE",),
    ("CLIENT", "LIST"),
    ("GET", "another-key"),
    ("SET", "another-key", "1"),
    ("PUBLISH", "rq:pubsub:x", "1"),
]


def documented_user() -> list[str]:
    """The rules of the ACL line in the documentation."""
    [line] = re.findall(r"^user hookrouter (.*)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return str(line).split()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OwnValkey]:
    primary = OwnValkey.start(tmp_path / "primary", *SOUND, "--repl-diskless-sync-delay", "0")
    replica = primary.replica(tmp_path / "replica")
    primary.call("ACL", "SETUSER", "hookrouter", *documented_user())
    yield primary
    replica.kill()
    primary.kill()


@pytest.fixture
def shell(tmp_path: Path, guarded: OwnValkey) -> Shell:
    made = Shell(folder=tmp_path)
    made.configure(CONFIGURATION)
    password = next(rule[1:] for rule in documented_user() if rule.startswith(">"))
    made.environment = {
        "HOOKROUTER_REDIS_URL": f"redis://hookrouter:{password}@{LOOPBACK}:{guarded.port}/0",
        "HOST": LOOPBACK,
        "PORT": str(free_ports(1)[0]),
    }
    return made


def test_receiver_worker_scheduler_and_commands_work_and_nothing_else_does(shell: Shell, guarded: OwnValkey) -> None:
    log = shell.folder / "log"
    with log.open("wb") as output:
        running = [
            shell.start(name, stdout=output, stderr=subprocess.STDOUT) for name in ("serve", "worker", "scheduler")
        ]
    eventually(lambda: log.read_text().count("process.started") >= 3, "all are up")
    hook = f"http://{LOOPBACK}:{shell.environment['PORT']}/hooks/crm/{TOKEN}"
    leads = [{"id": "1", "emailAddress": "a@example.com"}, {"id": "2", "leadScore": "many"}]

    with urllib.request.urlopen(urllib.request.Request(hook, data=json.dumps(leads).encode()), timeout=10) as answer:
        push = json.load(answer)
    eventually(lambda: "delivery.attempted" in log.read_text(), f"it is delivered: {log.read_text()}")

    said = shell.run("status", "--json").json
    [part] = [part for part in said["parts"] if part["name"] == "redis"]
    assert (part["status"], part["value"]) == ("pass", "durability replicated, as asked")
    assert shell.run("pushes", "show", push["push"]).code == 0
    [rejected] = shell.run("rejected", "--json").json
    ended = shell.run("rejected", "replay", rejected["id"], "--set", "leadScore=80")
    assert ended.code == 0, ended.err
    assert shell.run("dead", "--json").json == []
    erased = shell.run("forget", "a@example.com", "--yes", "--json")
    assert erased.code == 0, erased.err
    assert erased.json["erased"]["pushes"] == 1
    assert erased.json["files"] in {"written anew", "being written anew"}
    guarded.call("ACL", "SETUSER", "hookrouter", "-bgrewriteaof")
    with urllib.request.urlopen(urllib.request.Request(hook, data=json.dumps(leads[0]).encode()), timeout=10):
        unfinished = shell.run("forget", "a@example.com", "--yes")
    again = shell.run("forget", "a@example.com", "--yes")
    guarded.call("ACL", "SETUSER", "hookrouter", "+bgrewriteaof")
    finished = shell.run("forget", "a@example.com", "--yes")
    assert (unfinished.code, again.code, finished.code) == (1, 1, 0)
    assert "left: the server's append-only file" in unfinished.err
    assert "the files of Redis: " in finished.out
    guarded.call("DEL", "hr:wake:deliver")
    for process in running:
        process.terminate()
    assert [process.wait(PATIENCE) for process in running] == [0, 0, 0]
    assert "neighbour.failed" not in log.read_text()
    assert "library.warned" not in log.read_text()
    assert denied(shell.environment["HOOKROUTER_REDIS_URL"]) == [command[0] for command in FORBIDDEN]


def denied(url: str) -> list[str]:
    """What this user may not do."""
    refused = []
    with redis.Redis.from_url(url) as client:
        for command in FORBIDDEN:
            try:
                client.execute_command(*command)
            except redis.exceptions.NoPermissionError:
                refused.append(command[0])
    return refused
