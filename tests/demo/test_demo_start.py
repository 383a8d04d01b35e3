"""The demo's beginning and end, its processes played by small ones."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from hookrouter.config.settings import read_settings
from hookrouter.demo.configuration import Surroundings, demo_configuration
from hookrouter.demo.run import run_demo
from hookrouter.demo.stage import set_stage
from hookrouter.supervise.supervisor import Supervisor

SURROUNDINGS = Surroundings(
    receiver="http://127.0.0.1:1",
    simulator="http://127.0.0.1:2",
    stand_ins="http://127.0.0.1:3/",
    mail_port=4,
    token="t-o_k",
    secret="whsec_c2VjcmV0",
)

Commands = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def played_by(source: str) -> Commands:
    return lambda *arguments: [sys.executable, "-c", source, *arguments]


def run(console: Console) -> int:
    return run_demo(settings=read_settings({}), push_rate=1.0, duration=1.0, console=console)


def test_a_part_with_a_wrong_configuration_is_shown_with_its_last_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import sys, time\nif sys.argv[1] == 'worker': print('[red]no such sink'); sys.exit(2)\ntime.sleep(300)"
    monkeypatch.setattr("hookrouter.demo.parts.hookrouter_command", played_by(source))
    console = Console(file=StringIO(), width=200)

    assert run(console) == 1

    assert isinstance(console.file, StringIO)
    assert (
        "The demo could not start: worker did not come up; its last lines:\n[red]no such sink"
        in console.file.getvalue()
    )
    assert list(folder.iterdir()) == []


def test_a_part_that_never_answers_is_shown_with_its_last_lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hookrouter.demo.parts.READY", 0.5)
    source = "import time; print('still thinking', flush=True); time.sleep(300)"
    monkeypatch.setattr("hookrouter.demo.parts.hookrouter_command", played_by(source))
    console = Console(file=StringIO(), width=200)

    assert run(console) == 1

    assert isinstance(console.file, StringIO)
    assert "simulator did not come up; its last lines:\nstill thinking" in console.file.getvalue()
    assert list(folder.iterdir()) == []


def test_another_terminal_asks_the_demo_by_its_folder(folder: Path) -> None:
    with Supervisor(report=print) as supervisor, set_stage(read_settings({}), supervisor) as stage:
        *said, name, command = stage.elsewhere("status").split()
        asked = read_settings(dict(each.split("=", 1) for each in said))

        assert (name, command) == ("hookrouter", "status")
        assert (asked.config_path, asked.data_dir) == (stage.settings.config_path, stage.settings.data_dir)
        assert asked.data_dir.parent == folder


def test_the_configuration_names_every_part() -> None:
    written = yaml.safe_load(demo_configuration(SURROUNDINGS))

    assert written["crm"]["url"] == "http://127.0.0.1:2/pubapi/v1.2/"
    assert written["receiver"]["sources"] == {"crm": {"token": "t-o_k"}}
    assert written["sinks"] == {
        "sales": {"type": "slack", "webhook_url": "http://127.0.0.1:3/slack/sales", "rate_limit": "50/s"},
        "manager": {"type": "email", "to": ["manager@example.com"]},
        "billing": {"type": "http", "url": "http://127.0.0.1:3/api/leads", "signing_secret": "whsec_c2VjcmV0"},
    }
    assert {route["name"]: route["to"] for route in written["routes"]} == {
        "new-lead": ["sales"],
        "hot-lead": ["sales", "manager", "billing"],
        "every-change": ["billing"],
    }
