"""The operator API under gunicorn, called as its documentation says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_http import TOKEN, exchange, request
from receivers import CONFIGURATION, Receiver, running_receiver

ADMIN = "an-admin-token-only-for-tests"
GUIDE = Path(__file__).parents[2] / "docs" / "operator-api.md"
BILLING = "sinks: {log: {type: stdout}, billing: {type: http, url: 'http://127.0.0.1:9/', timeout: 1s}}\n"
WITH_BILLING = CONFIGURATION.replace("sinks: {log: {type: stdout}}\n", f"{BILLING}egress: {{allow: [127.0.0.0/8]}}\n")


@pytest.fixture(scope="module")
def steered(valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOKROUTER_ADMIN_TOKEN", ADMIN)
        with running_receiver(valkey.url, tmp_path_factory.mktemp("receiver"), WITH_BILLING) as running:
            yield running


def ask(receiver: Receiver, method: str, path: str, body: object = None) -> tuple[int, Any]:
    written = b"" if body is None else json.dumps(body).encode()
    headers = [f"Authorization: Bearer {ADMIN}", "Content-Type: application/json"]
    answer = exchange(receiver.port, request(written, method=method, path=f"/api/v1/{path}", headers=headers))
    return answer.status, answer.json


def counter_files(receiver: Receiver) -> set[str]:
    return {path.name for path in receiver.log.parent.rglob("*.db") if path.stem.rpartition("_")[2].isdigit()}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are for curl")
def test_the_examples_of_the_guide_work(steered):
    script = "\n".join(["set -e", *blocks("sh")]).replace("http://127.0.0.1:8080", f"http://127.0.0.1:{steered.port}")
    environment = {**os.environ, "HOOKROUTER_ADMIN_TOKEN": ADMIN}

    run = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)

    answers = json.loads(f"[{run.stdout.replace('}{', '},{')}]")
    told = [json.loads(text) for text in blocks("json")]
    assert [answer for answer in answers if answer.get("title")] == [told[-1]]  # the problem that the guide shows
    assert answers[0] == told[0]
    assert len(answers) == script.count("curl ")


def test_a_test_message_goes_out_from_a_receiver(steered):
    counters = counter_files(steered)
    status, tested = ask(steered, "POST", "sinks/log/test", {})
    assert (status, tested["delivered"]) == (200, True), tested
    assert "TEST Ada" in steered.log.read_text()
    assert counter_files(steered) == counters  # of whoever sent it nothing is left behind

    status, tested = ask(steered, "POST", "sinks/billing/test", {"lead": {"id": "7", "firstName": "Ben"}})
    assert (status, tested["delivered"], tested["reason"]) == (200, False, "network")


def test_pushes_are_taken_beside_calls(steered):
    leads = json.dumps([{"id": "1"}]).encode()

    assert exchange(steered.port, request(leads, path=f"/hooks/crm/{TOKEN}")).status == 200
    assert ask(steered, "GET", "pushes")[1]["found"][0]["leads"] == 1
