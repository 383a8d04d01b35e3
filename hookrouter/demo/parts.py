"""Starts the demo's processes and waits until they are up."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping
from dataclasses import replace

from hookrouter.demo.configuration import ACCOUNT_ID, SECRET_KEY
from hookrouter.demo.stage import Stage
from hookrouter.domain.errors import HookrouterError
from hookrouter.supervise.children import ChildSpec
from hookrouter.supervise.embedded import EmbeddedServer
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.supervise.output import last_lines
from hookrouter.supervise.up import environment_of, hookrouter_command, start_server

READY = 30.0  # seconds for one part to be up
GRACE = 10.0  # seconds for one part to end
PROBE_TIMEOUT = 2.0  # seconds
LOG_LINES = 15
LEADS = "30"  # few, so that most change more than once: what changed is known from the second push on
ANY_RATE = ("--calls-per-second", "0")  # what the demo shows is how fast leads go through
ADMIN_TOKEN = "HOOKROUTER_ADMIN_TOKEN"  # noqa: S105 - a name; without one the console is open to this machine

LINKS = "HOOKROUTER_CONSOLE_LINKS"
"""What arrives and the simulated CRM are a click away from the console, whose address is all one need know."""


def start_parts(stage: Stage) -> None:
    """Start every part and subscribe; returns early when the end is asked for.

    Raises:
        HookrouterError: with the last lines of the part that did not come up.
    """
    server = EmbeddedServer.prepare(stage.settings.data_dir)
    environment = environment_of(replace(stage.settings, redis_url=server.url))
    environment.pop(ADMIN_TOKEN, None)
    environment[LINKS] = f"What arrives={stage.theatre.url}; The simulated CRM={stage.surroundings.simulator}/"
    start_server(stage.supervisor, server, settings=stage.settings, lock=stage.lock)
    for name, arguments in _parts(stage).items():
        if stage.supervisor.stopping:
            return
        stage.supervisor.start(_spec(stage, name, arguments, environment, restart=True))
    _await(stage, "simulator", lambda: _answers(stage.simulator_port, "/"))
    _await(stage, "receiver", lambda: _answers(stage.settings.port, "/readyz"))
    if not stage.supervisor.stopping:
        _subscribe(stage, environment)


def _parts(stage: Stage) -> dict[str, tuple[str, ...]]:
    address = ("--host", LOOPBACK, "--port", str(stage.simulator_port))
    account = ("--account-id", ACCOUNT_ID, "--secret-key", SECRET_KEY)
    return {
        "worker": ("worker",),
        "scheduler": ("scheduler",),
        "receiver": ("serve",),
        # Ended first: then no push comes late.
        "simulator": ("simulate-crm", *address, *account, *ANY_RATE, "--push-rate", "0", "--leads", LEADS),
    }


def _spec(
    stage: Stage, name: str, arguments: tuple[str, ...], environment: Mapping[str, str], *, restart: bool
) -> ChildSpec:
    return ChildSpec(
        name=name,
        command=hookrouter_command(*arguments),
        environment=environment,
        grace=GRACE,
        restart=restart,
        log=stage.log(name),
    )


def _subscribe(stage: Stage, environment: Mapping[str, str]) -> None:
    name, supervisor = "subscribe", stage.supervisor
    supervisor.start(_spec(stage, name, ("subscribe",), environment, restart=False))
    _await(stage, name, lambda: supervisor.exit_code(name) is not None)
    if supervisor.exit_code(name):
        raise _not_up(stage, name)


def _await(stage: Stage, name: str, check: Callable[[], bool]) -> None:
    """Wait for a part; a Ctrl-C meanwhile is no failure."""
    supervisor = stage.supervisor
    if supervisor.wait_for(check, seconds=READY):
        return
    if supervisor.misconfigured:
        raise _not_up(stage, supervisor.misconfigured)
    if not supervisor.stopping:
        raise _not_up(stage, name)


def _not_up(stage: Stage, name: str) -> HookrouterError:
    lines = "\n".join(last_lines(stage.log(name), LOG_LINES)) or "(it said nothing)"
    return HookrouterError(f"{name} did not come up; its last lines:\n{lines}")


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PROBE_TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
