"""`hookrouter up` from its start to Ctrl-C: a lead goes through it, with a server that it brought itself."""

from __future__ import annotations

import json
import signal
import urllib.request
from dataclasses import dataclass

import pytest
from cli_support import CONFIGURATION, PATIENCE, Ended, Shell
from ports import free_ports
from valkeys import eventually

from hookrouter.supervise.free_port import LOOPBACK

MOMENT = "2026-11-18 11:58:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What it came to, and what another command found meanwhile and afterwards."""

    port: int
    up: Ended
    found: Ended
    found_afterwards: Ended


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    [port] = free_ports(1)
    shell = Shell(folder=tmp_path_factory.mktemp("up"))
    shell.configure(CONFIGURATION)
    shell.environment = {"HOST": LOOPBACK, "PORT": str(port), "WEB_CONCURRENCY": "1"}
    written = shell.folder / "written"
    with written.open("w") as output, shell.start("up", stdout=output) as process:
        try:
            eventually(lambda: is_ready(port), "the receiver is ready")
            push(port)
            eventually(lambda: written.stat().st_size > 0, "the lead is written")
            found = shell.run("dead", "--json")
        finally:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=PATIENCE)
    ended = Ended(code=process.returncode, out=written.read_text(), err=told)
    return Story(port=port, up=ended, found=found, found_afterwards=shell.run("dead"))


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def push(port: int) -> None:
    lead = {"id": "7", "leadScore": 90, "createTimestamp": MOMENT, "updateTimestamp": MOMENT}
    hook = f"http://{LOOPBACK}:{port}/hooks/crm/a-token-only-for-tests"
    urllib.request.urlopen(hook, json.dumps(lead).encode(), timeout=PATIENCE).close()


def test_it_brings_its_own_server_which_other_commands_find(story: Story) -> None:
    assert (story.found.code, story.found.json) == (0, [])
    assert story.up.code == 0
    assert story.found_afterwards.code == 2


def test_what_stdout_sinks_say_and_nothing_else_is_its_standard_output(story: Story) -> None:
    lines = [json.loads(line) for line in story.up.out.splitlines()]

    assert {(line["sink"], line["data"]["lead"]["id"]) for line in lines} == {("log", "7")}
    assert f"receiver on port {story.port}" in story.up.err
    assert '"event":"process.started"' in story.up.err
