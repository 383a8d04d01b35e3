"""The supervisor with the operator's configuration, its processes played by small ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ports import free_ports

from hookrouter.config.settings import Settings, read_settings
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.supervise.output import last_lines
from hookrouter.supervise.up import environment_of, hookrouter_command, run_up

PROCESS = """
import os, pathlib, socket, sys, time
told = pathlib.Path(os.environ['HOOKROUTER_DATA_DIR'], 'told')
with told.open('a') as file:
    print(sys.argv[1], os.environ['HOOKROUTER_REDIS_URL'], os.environ['HOOKROUTER_CONFIG'], file=file)
while len(told.read_text().splitlines()) < 3:
    time.sleep(0.01)
if sys.argv[1] != 'serve':
    time.sleep(300)
{before_it_ends}
sys.exit(2)
"""
LISTENS = "socket.create_server((os.environ['HOST'], int(os.environ['PORT']))).accept()"


@pytest.mark.parametrize("redis_url", ["redis://127.0.0.1:1/7", None], ids=["a server of the operator's", "embedded"])
def test_receiver_worker_and_scheduler_share_one_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str | None
) -> None:
    play(monkeypatch, LISTENS)
    settings = settings_in(tmp_path, redis_url or "")
    port = settings.port
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").touch()
    said: list[str] = []

    assert run_up(settings=settings, report=said.append) == 2

    told = [line.split() for line in last_lines(tmp_path / "told", 9)]
    assert sorted(name for name, _, _ in told) == ["scheduler", "serve", "worker"]
    [url] = {url for _, url, _ in told}
    assert url == redis_url or (redis_url is None and url.startswith("redis://:"))
    assert {config for _, _, config in told} == {str(Path("hookrouter.yaml").absolute())}
    assert f"receiver on port {port}; `hookrouter status`, in this folder, shows how everything does" in said
    assert f"console at http://localhost:{port}/console/" in said
    assert said[-1].startswith("serve ended with exit code 2 after ")
    assert (tmp_path / "valkey").exists() == (redis_url is None)
    assert not (tmp_path / "metrics" / "counter_1.db").exists()


def play(monkeypatch: pytest.MonkeyPatch, before_it_ends: str) -> None:
    program = PROCESS.replace("{before_it_ends}", before_it_ends)
    monkeypatch.setattr(
        "hookrouter.supervise.up.hookrouter_command", lambda name: [sys.executable, "-c", program, name]
    )


def settings_in(folder: Path, redis_url: str) -> Settings:
    [port] = free_ports(1)
    return read_settings(
        {"HOOKROUTER_DATA_DIR": str(folder), "REDIS_URL": redis_url, "PORT": str(port), "HOST": LOOPBACK}
    )


def test_a_receiver_that_does_not_listen_is_not_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, "")
    said: list[str] = []

    assert run_up(settings=settings_in(tmp_path, "redis://127.0.0.1:1/7"), report=said.append) == 2

    assert [line.split(" after ")[0] for line in said] == ["serve ended with exit code 2"]


def test_children_are_given_every_setting_by_its_first_name() -> None:
    settings = read_settings({"REDIS_URL": "redis://there:1", "PORT": "81", "HOOKROUTER_KEY_PREFIX": "mine"})

    environment = environment_of(settings)

    assert environment["HOOKROUTER_REDIS_URL"] == "redis://there:1"
    assert environment["PORT"] == "81"
    assert environment["HOOKROUTER_KEY_PREFIX"] == "mine"
    assert "PATH" in environment


def test_children_are_given_tokens_that_stand_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOOKROUTER_ADMIN_TOKEN", "HOOKROUTER_READ_TOKEN"):
        (tmp_path / name).write_text(f"of-{name}\n", encoding="utf-8")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))

    handed_on = read_settings(environment_of(read_settings()))

    assert (handed_on.admin_token, handed_on.read_token) == ("of-HOOKROUTER_ADMIN_TOKEN", "of-HOOKROUTER_READ_TOKEN")


def test_a_command_is_started_with_this_interpreter() -> None:
    assert hookrouter_command("serve") == [sys.executable, "-P", "-m", "hookrouter", "serve"]


def test_what_has_two_meanings_or_is_for_pods_alone_is_left_to_whom_it_was_told() -> None:
    said = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "HOOKROUTER_LOG_REDACT": "by,text"}

    environment = environment_of(read_settings({**said, "HOOKROUTER_METRICS_PORT": "9090"}))

    assert "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" not in environment  # it would lack the path that the library adds
    assert "HOOKROUTER_METRICS_PORT" not in environment
    assert read_settings(environment).redacted == {"by", "text"}
