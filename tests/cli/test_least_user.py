"""The user that the documentation gives hookrouter on a Redis of one's own: enough for all of it, and no more."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from cli_support import PATIENCE, Shell
from least_user import admit, is_known, url_of, version_of
from ports import free_ports
from valkeys import SOUND, OwnValkey, eventually

from hookrouter.store.rights import BY_RQ, DONE_WITHOUT, TO_GO_ON, TO_TAKE, TO_WAIT, name_of
from hookrouter.supervise.free_port import LOOPBACK

TOKEN = "a-token-only-for-tests"
CONFIGURATION = f"""
version: 1
receiver: {{durability: replicated, sources: {{crm: {{token: {TOKEN}}}}}}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: all, to: [log]}}]
"""
UNKNOWN = ("unknown command", "unknown subcommand", "err unknown")
"""How servers begin to say so."""
FORBIDDEN: list[tuple[str, ...]] = [
    *(("FLUSHALL",), ("FLUSHDB",), ("SWAPDB", "0", "1"), ("SELECT", "1")),
    *(("KEYS", "*"), ("RANDOMKEY",), ("DBSIZE",), ("OBJECT", "ENCODING", "hr:key")),
    *(("GET", "another-key"), ("SET", "another-key", "1"), ("DEL", "another-key"), ("RENAME", "hr:key", "another-key")),
    *(("XREAD", "STREAMS", "another-key", "0"), ("LMOVE", "hr:key", "another-key", "LEFT", "LEFT")),
    *(("SORT", "hr:key", "BY", "another-*"), ("SORT", "hr:key", "STORE", "hr:other"), ("COPY", "hr:key", "hr:other")),
    *(("MIGRATE", LOOPBACK, "1", "hr:key", "0", "1"), ("DUMP", "hr:key"), ("RESTORE", "hr:key", "0", "text")),
    *(("MOVE", "hr:key", "1"), ("PFADD", "hr:key", "1"), ("GEOADD", "hr:key", "1", "1", "here")),
    *(
        ("FUNCTION", "LIST"),
        ("FUNCTION", "FLUSH"),
        ("FUNCTION", "DELETE", "any"),
        ("FUNCTION", "LOAD", "#!lua name=any"),
    ),
    *(("FCALL", "any", "0"), ("EVAL", "return 1", "0"), ("SCRIPT", "FLUSH"), ("SCRIPT", "KILL")),
    *(("CONFIG", "SET", "appendonly", "no"), ("CONFIG", "REWRITE"), ("CONFIG", "RESETSTAT"), ("MODULE", "LIST")),
    *(("SHUTDOWN", "NOSAVE"), ("REPLICAOF", "NO", "ONE"), ("FAILOVER",), ("SAVE",), ("ROLE",)),
    *(
        ("ACL", "SETUSER", "other"),
        ("ACL", "LIST"),
        ("CLIENT", "LIST"),
        ("CLIENT", "PAUSE", "1"),
        ("CLIENT", "NO-EVICT", "on"),
    ),
    *(("CLIENT", "KILL", "ID", "1"), ("MONITOR",), ("SLOWLOG", "GET"), ("LATENCY", "LATEST"), ("MEMORY", "STATS")),
    *(("PUBLISH", "rq:pubsub:x", "1"), ("SUBSCRIBE", "rq:pubsub:x"), ("PUBSUB", "CHANNELS")),
]

FORBIDDEN_EVERYWHERE = {
    *("keys", "scan", "config", "flushall", "flushdb", "swapdb", "monitor", "debug", "module", "slowlog", "latency"),
    *("migrate", "move", "sort", "randomkey", "shutdown", "replicaof", "slaveof", "save", "bgsave", "bgrewriteaof"),
}
"""What managed services forbid, and what would walk over all keys: no process runs any of it while leads flow."""
LOOKED_FOR = {name_of(line.split()).split()[0] for line in (*TO_TAKE, *TO_GO_ON, *BY_RQ, *TO_WAIT)}
OF_CONNECTIONS = {*("AUTH", "HELLO", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"), *("PSYNC", "REPLCONF")}
"""What makes connections, those of the replica too, and transactions."""
OF_THE_TEST = {"acl|setuser", "acl", "config|get", "config"}
"""hookrouter asks for settings too; where it may not, the test of vouched settings shows that it goes on. Redis before
7.0 tells no more than `acl` and `config`."""


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OwnValkey]:
    primary = OwnValkey.start(tmp_path / "primary", *SOUND, "--repl-diskless-sync-delay", "0")
    replica = primary.replica(tmp_path / "replica")
    admit(primary)
    yield primary
    replica.kill()
    primary.kill()


@pytest.fixture
def shell(tmp_path: Path, guarded: OwnValkey) -> Shell:
    made = Shell(folder=tmp_path)
    made.configure(CONFIGURATION)
    made.environment = {
        "HOOKROUTER_REDIS_URL": url_of(guarded),
        "HOST": LOOPBACK,
        "PORT": str(free_ports(1)[0]),
    }
    return made


@pytest.fixture
def running(shell: Shell) -> Iterator[list[subprocess.Popen[str]]]:
    """Receiver, worker and scheduler; none outlives the test."""
    with (shell.folder / "log").open("wb") as output:
        made = [shell.start(name, stdout=output, stderr=subprocess.STDOUT) for name in ("serve", "worker", "scheduler")]
    yield made
    for process in made:
        process.terminate()
        process.wait(PATIENCE)


def test_receiver_worker_scheduler_and_commands_work_and_nothing_else_does(
    shell: Shell, guarded: OwnValkey, running: list[subprocess.Popen[str]]
) -> None:
    log = shell.folder / "log"
    eventually(lambda: log.read_text().count("process.started") >= 3, "all are up")
    hook = f"http://{LOOPBACK}:{shell.environment['PORT']}/hooks/crm/{TOKEN}"
    leads = [{"id": "1", "emailAddress": "a@example.com"}, {"id": "2", "leadScore": "many"}]

    with urllib.request.urlopen(urllib.request.Request(hook, data=json.dumps(leads).encode()), timeout=10) as answer:
        push = json.load(answer)
    eventually(lambda: "delivery.attempted" in log.read_text(), f"it is delivered: {log.read_text()}")

    ran = commands_of(guarded)
    assert not {name for name in ran if name.partition("|")[0] in FORBIDDEN_EVERYWHERE}, ran
    assert refused_by(guarded) == set()
    assert {name.partition("|")[0].upper() for name in ran} <= LOOKED_FOR | DONE_WITHOUT | OF_CONNECTIONS
    said = shell.run("status", "--json").json
    [part] = [part for part in said["parts"] if part["name"] == "redis"]
    advised = "pass" if version_of(guarded) >= (7, 0) else "warn"
    assert (part["status"], part["value"]) == (advised, "durability replicated, as asked")
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
    assert denied(shell.environment["HOOKROUTER_REDIS_URL"]) == FORBIDDEN


def commands_of(server: OwnValkey) -> set[str]:
    """The names of all commands that were run since it started, by scripts too, but for those of this test."""
    with redis.Redis(host=LOOPBACK, port=server.port) as client:
        ran = {name.removeprefix("cmdstat_").lower() for name in client.info("commandstats")}
    return ran - OF_THE_TEST


def refused_by(server: OwnValkey) -> set[str]:
    """What was tried in vain; but for `client setinfo` of an old server, by which redis-py introduces itself."""
    with redis.Redis(host=LOOPBACK, port=server.port) as client:
        tried = {str(entry["object"]) for entry in client.acl_log()}
    return tried - (set() if is_known("+client|setinfo", server) else {"client"})


def denied(url: str) -> list[tuple[str, ...]]:
    """What this user may not do; what a server does not know is not done either."""
    refused = []
    with redis.Redis.from_url(url) as client:
        for command in FORBIDDEN:
            try:
                client.execute_command(*command)
            except redis.exceptions.NoPermissionError:
                refused.append(command)
            except redis.exceptions.ResponseError as fault:
                if str(fault).lower().startswith(UNKNOWN):
                    refused.append(command)
    return refused
