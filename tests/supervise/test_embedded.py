"""The embedded server as a real process."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from hookrouter.config.settings import Settings, read_settings
from hookrouter.domain.errors import HookrouterError
from hookrouter.supervise.embedded import EmbeddedServer, running_url
from hookrouter.supervise.lock import hold_data_dir
from hookrouter.supervise.supervisor import Supervisor
from hookrouter.supervise.up import run_up, start_server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"HOOKROUTER_DATA_DIR": str(tmp_path / "with a space")})


@pytest.fixture
def lock(settings: Settings) -> Iterator[int]:
    with hold_data_dir(settings.data_dir) as descriptor:
        yield descriptor


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    with Supervisor(report=said.append) as running:
        yield running


def test_it_is_durable_refuses_eviction_and_listens_on_loopback_alone(
    supervisor: Supervisor, settings: Settings, lock: int
) -> None:
    server = EmbeddedServer.prepare(settings.data_dir)

    start_server(supervisor, server, settings=settings, lock=lock)

    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        wanted = {
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "aof-load-truncated": "yes",
            "bind": "127.0.0.1",
            "protected-mode": "yes",
            "unixsocket": "",
            "dir": str(settings.data_dir / "valkey"),
        }
        assert client.config_get(*wanted) == wanted


def test_its_password_is_in_files_of_the_owner_alone(supervisor: Supervisor, settings: Settings, lock: int) -> None:
    server = EmbeddedServer.prepare(settings.data_dir)
    start_server(supervisor, server, settings=settings, lock=lock)

    for file in (server.folder / "valkey.conf", server.folder / "url"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.password not in " ".join(server.command())
    assert server.password not in repr(server)
    with redis.Redis(port=server.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_what_was_acknowledged_survives_kill_9(
    supervisor: Supervisor, settings: Settings, lock: int, said: list[str]
) -> None:
    server = EmbeddedServer.prepare(settings.data_dir)
    start_server(supervisor, server, settings=settings, lock=lock)
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        client.set("lead", "kept")
        os.kill(client.info("server")["process_id"], 9)

        assert supervisor.wait_for(lambda: len(said) > 0, seconds=20)
        assert supervisor.wait_for(server.answers, seconds=20)

        assert client.get("lead") == "kept"
    assert said[0].startswith("valkey was killed by SIGKILL after ")


def test_other_commands_find_the_running_server(supervisor: Supervisor, settings: Settings) -> None:
    assert running_url(settings.data_dir) is None
    with hold_data_dir(settings.data_dir) as descriptor:
        server = EmbeddedServer.prepare(settings.data_dir)
        start_server(supervisor, server, settings=settings, lock=descriptor)

        assert running_url(settings.data_dir) == server.url
    supervisor.stop()
    assert running_url(settings.data_dir) is None


def test_a_second_start_in_the_same_data_directory_is_refused_in_one_line(settings: Settings, lock: int) -> None:
    said: list[str] = []

    with pytest.raises(HookrouterError) as refused:
        run_up(settings=settings, report=said.append)

    assert str(refused.value) == (
        f"another hookrouter already runs in {settings.data_dir}: stop it, or give this one its own HOOKROUTER_DATA_DIR"
    )
    assert said == []


def test_the_directory_stays_held_while_the_server_of_a_dead_supervisor_lives(
    supervisor: Supervisor, settings: Settings
) -> None:
    with hold_data_dir(settings.data_dir) as descriptor:
        server = EmbeddedServer.prepare(settings.data_dir)
        start_server(supervisor, server, settings=settings, lock=descriptor)

    with pytest.raises(HookrouterError), hold_data_dir(settings.data_dir):
        pass
    supervisor.stop()
    with hold_data_dir(settings.data_dir):
        pass


def test_a_data_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    told = pytest.raises(HookrouterError, match="set HOOKROUTER_DATA_DIR to a directory of yours")
    with told, hold_data_dir(tmp_path / "file"):
        pass


def test_a_server_that_is_not_there_does_not_answer(settings: Settings) -> None:
    server = EmbeddedServer.prepare(settings.data_dir)

    assert not server.answers()


def test_a_server_that_cannot_start_is_told_with_the_end_of_its_log(
    supervisor: Supervisor, settings: Settings, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookrouter.supervise.up.SERVER_READY", 0.5)
    server = EmbeddedServer.prepare(settings.data_dir)
    (server.folder / "valkey.conf").write_text("no-such-setting yes\n")

    with pytest.raises(HookrouterError, match=r"(?s)does not answer; its last lines:.*no-such-setting"):
        start_server(supervisor, server, settings=settings, lock=lock)
