"""What all commands have in common."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TextIO

import click
import pytest
from cli_support import Shell

from hookrouter import __version__
from hookrouter.cli.main import COMMANDS, main

LAZY = """
import sys
from hookrouter.cli.main import main
sys.argv = ["hookrouter", "--help"]
code = main()
heavy = {"redis", "rq", "aiohttp", "rich", "marshmallow", "jinja2"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else code)
"""
TRACEBACK = "Traceback (most recent call last)"


def test_the_version_is_told(shell: Shell) -> None:
    assert shell.run("--version").out == f"hookrouter {__version__}\n"


def test_help_names_every_command_and_imports_none() -> None:
    helped = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=False)

    assert helped.returncode == 0, helped.stderr
    assert all(f"  {name}  " in helped.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    command = import_module(f"hookrouter.cli.{COMMANDS[name][0]}").command

    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    options = {option for parameter in command.get_params(click.Context(command)) for option in parameter.opts}
    assert {"--config", "--debug", "--help"} <= options


@pytest.mark.parametrize(
    ("arguments", "command", "said"),
    [
        (("nonsense",), "hookrouter", "there is no command nonsense"),
        (("explian",), "hookrouter", "there is no command explian (did you mean explain?)"),
        (("dead", "lst"), "hookrouter dead", "there is no command lst (did you mean list?)"),
        (("check", "--jsn"), "hookrouter check", "there is no option --jsn (did you mean --json?)"),
        (("explain",), "hookrouter explain", "say whom: --lead FILE, --lead ID or --push ID"),
        (("dead", "show"), "hookrouter dead show", "missing argument 'ID'"),
        (
            ("demo", "--duration", "-1"),
            "hookrouter demo",
            "invalid value for '--duration': -1.0 is not in the range x>0",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_ends_with_2_and_one_line(
    shell: Shell, arguments: tuple[str, ...], command: str, said: str
) -> None:
    ended = shell.run(*arguments)

    line = f"{command}: {said}; `{command} --help` shows what there is\n"
    assert (ended.code, ended.out, ended.err) == (2, "", line)


def test_without_a_command_all_are_shown(shell: Shell) -> None:
    ended = shell.run()

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: hookrouter")
    assert all(f"  {name}  " in ended.err for name in COMMANDS)


@pytest.mark.parametrize("place", ["before", "after", "family"])
def test_config_may_stand_before_or_after_the_command(shell: Shell, place: str) -> None:
    (shell.folder / "hookrouter.yaml").unlink()
    arguments = {
        "before": ("--config", "other.yaml", "check"),
        "after": ("check", "--config", "other.yaml"),
        "family": ("dead", "--config", "other.yaml", "--json"),
    }[place]

    ended = shell.run(*arguments)

    assert ended.code == 2
    assert (ended.out + ended.err).startswith("other.yaml:1:1: there is no such file")


def test_without_redis_a_command_says_where_it_looked_and_what_to_do(shell: Shell) -> None:
    ended = shell.run("status")

    assert ended.code == 2
    assert ended.err == (
        f"no Redis: `hookrouter up` does not run with its data in {shell.folder / '.hookrouter'}. "
        "Run this in the folder where it runs, or set HOOKROUTER_DATA_DIR to its data; for a server of your own set "
        "HOOKROUTER_REDIS_URL (or REDIS_URL)\n"
    )


def test_redis_that_is_away_is_one_line_and_1(shell: Shell) -> None:
    shell.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"

    ended = shell.run("dead", "list")

    assert (ended.code, ended.out, ended.err) == (1, "", "Redis is not reachable\n")


def test_debug_shows_the_traceback(shell: Shell) -> None:
    shell.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"

    assert TRACEBACK in shell.run("dead", "list", "--debug").err
    assert TRACEBACK in shell.run("--debug", "dead", "list").err


def test_an_environment_that_is_wrong_is_told_by_name(shell: Shell) -> None:
    shell.environment |= {"PORT": "eighty", "HOOKROUTER_PARTITIONS": "0"}

    ended = shell.run("status")

    assert ended.code == 2
    assert ended.err.splitlines() == [
        "PORT is 'eighty': give a whole number from 1 to 65535",
        "HOOKROUTER_PARTITIONS is '0': give a whole number from 1 to 256",
    ]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:port/0", "redis://:pass/word@there:6379/0", "redis://[::1/0"])
def test_a_redis_url_that_is_none_is_told_without_its_password(shell: Shell, url: str) -> None:
    shell.environment["REDIS_URL"] = url

    ended = shell.run("status")

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert ended.err.startswith("REDIS_URL is no URL: ")
    assert "word" not in ended.err.lower().replace("password", "")


def test_a_reader_that_leaves_is_no_traceback(shell: Shell) -> None:
    read, write = os.pipe()
    os.close(read)

    with shell.start("check", "--json", stdout=write) as process:
        os.close(write)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (1, "")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command in this process."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def run(*arguments: str, **streams: TextIO | None) -> int:
        monkeypatch.setattr(sys, "argv", ["hookrouter", *arguments])
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, stream)
        return main()

    return run


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_stream_that_was_closed_changes_nothing_but_what_is_seen(said: Callable[..., int], name: str) -> None:
    for arguments, code in {"--version": 0, "no-such-command": 2}.items():
        assert said(arguments, **{name: None}) == code
        getattr(sys, name).close()


def test_a_full_disk_below_the_output_is_said(said: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - as the interpreter has it
        code = said("schema", stdout=full)

    assert (code, capsys.readouterr().err) == (
        1,
        "hookrouter: what it says cannot be written: No space left on device\n",
    )


def test_ctrl_c_ends_quietly_with_130(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as crm:
        port = crm.getsockname()[1]
        with (shell.folder / "hookrouter.yaml").open("a") as file:
            file.write(f"crm: {{account_id: a, secret_key: some-key, url: 'http://127.0.0.1:{port}/'}}\n")
        with shell.start("crm", "getLead") as process:
            crm.settimeout(60)
            connection, _ = crm.accept()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            connection.close()

    assert (process.returncode, out, err.strip()) == (130, "", "")


FAULT = """
import sys
from hookrouter.cli import check, main
check.judge_config = lambda settings: settings.no_such_thing
sys.argv = ["hookrouter", *sys.argv[1:]]
sys.exit(main.main())
"""


@pytest.mark.parametrize("debug", [(), ("--debug",)], ids=["usual", "debug"])
def test_a_fault_of_our_own_is_one_line_too(debug: tuple[str, ...]) -> None:
    ended = subprocess.run([sys.executable, "-c", FAULT, "check", *debug], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert (TRACEBACK in ended.stderr) == bool(debug)
    if not debug:
        assert ended.stderr == "a fault of hookrouter itself: AttributeError at <string>:4; --debug shows more\n"


def test_a_terminal_is_shown_no_colour_when_none_is_wanted(shell: Shell) -> None:
    shell.write("lead.json", {"id": "1", "leadStatus": "open"})

    shell.environment["TERM"] = "xterm"
    coloured = shell.on_terminal("explain", "--lead", "lead.json")
    shell.environment["NO_COLOR"] = "1"
    plain = shell.on_terminal("explain", "--lead", "lead.json")

    assert "\x1b[31m✗" in coloured
    assert "\x1b[31m" not in plain
    assert "✗" in plain
