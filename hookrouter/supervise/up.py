"""Runs receiver, worker, scheduler, and a server when there is none, for the operator's own configuration."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from hookrouter.config.settings import VARIABLES, Settings, process_environment
from hookrouter.domain.errors import HookrouterError
from hookrouter.net.listening import insist_on_listening, is_listened_to
from hookrouter.supervise.children import ChildSpec
from hookrouter.supervise.embedded import EmbeddedServer
from hookrouter.supervise.lock import hold_data_dir
from hookrouter.supervise.output import last_lines
from hookrouter.supervise.supervisor import TURN, Supervisor

SERVER_READY = 120.0  # seconds: a long append-only file is read before the server answers
SERVER_GRACE = 10.0
PROCESS_GRACE = 30.0  # what gunicorn and a drain are given to end in peace
PROCESSES = ("scheduler", "worker", "serve")  # ended the other way round: first the door is shut
WRITES_OUTPUT = "worker"  # its standard output is that of the sinks of type stdout, and nothing else's


def run_up(*, settings: Settings, report: Callable[[str], None], appendfsync: str = "always") -> int:
    """Run until a signal; returns the exit code.

    Args:
        settings: Without a Redis URL an embedded server is started in the data directory.
        report: Told of each start and crash, one line each.
        appendfsync: When the embedded server's writes reach the disk: always, everysec or no.

    Raises:
        HookrouterError: the data directory or the port is in use, or the server does not start.
    """
    settings = replace(settings, data_dir=settings.data_dir.absolute(), config_path=settings.config_path.absolute())
    with hold_data_dir(settings.data_dir) as lock, Supervisor(report=report) as supervisor:
        insist_on_listening(settings.host, settings.port)
        forget_old_counters(settings)
        if settings.redis_url is None:
            server = EmbeddedServer.prepare(settings.data_dir, appendfsync=appendfsync)
            settings = replace(settings, redis_url=server.url)
            start_server(supervisor, server, settings=settings, lock=lock)
            report(f"embedded server on port {server.port}, its files in {server.folder}")
        for command in () if supervisor.stopping else PROCESSES:
            supervisor.start(process_spec(command, environment=environment_of(settings)))
        announce_receiver(supervisor, settings, report)
        return supervisor.run()


def announce_receiver(supervisor: Supervisor, settings: Settings, report: Callable[[str], None]) -> None:
    """Say where it is once it takes connections, however long that takes; never when the end was asked for before."""
    if supervisor.wait_for(lambda: is_listened_to(settings.host, settings.port), seconds=math.inf, turn=TURN):
        report(f"receiver on port {settings.port}; `hookrouter status`, in this folder, shows how everything does")
        report(f"console at http://localhost:{settings.port}/console/")


def start_server(supervisor: Supervisor, server: EmbeddedServer, *, settings: Settings, lock: int) -> None:
    """Start the embedded server; returns when it answers, or when the end was asked for.

    Raises:
        HookrouterError: with the end of its log.
    """
    log = settings.data_dir / "logs" / "valkey.log"
    supervisor.start(
        ChildSpec(
            name="valkey",
            command=server.command(),
            environment=process_environment(),
            grace=SERVER_GRACE,
            restart=True,
            log=log,
            keep_open=(lock,),
        )
    )
    if not supervisor.wait_for(server.answers, seconds=SERVER_READY) and not supervisor.stopping:
        lines = "\n".join(last_lines(log, 10))
        raise HookrouterError(f"the embedded server does not answer; its last lines:\n{lines}")


def process_spec(command: str, *, environment: Mapping[str, str]) -> ChildSpec:
    """One of hookrouter's own processes."""
    return ChildSpec(
        name=command,
        command=hookrouter_command(command),
        environment=environment,
        grace=PROCESS_GRACE,
        restart=True,
        shares_output=command == WRITES_OUTPUT,
    )


def hookrouter_command(*arguments: str) -> list[str]:
    """The command line, started with this interpreter and never with a file of the current directory."""
    return [sys.executable, "-P", "-m", "hookrouter", *arguments]


FOR_PODS = frozenset({"HOOKROUTER_METRICS_PORT"})
"""What is not for processes that share a machine: the receiver shows the metrics of all, and each port is one's own."""
IN_THE_ADDRESS = frozenset({"HOOKROUTER_REDIS_URL_FILE", "HOOKROUTER_REDIS_CA"})
"""What is part of the address of Redis by now, or is said of another than the one that was started here."""
READ_ALREADY = frozenset(f"{variable.names[0]}_FILE" for variable in VARIABLES if variable.may_be_in_file)
"""What names a file whose content is handed on, and may not be given beside it."""


def environment_of(settings: Settings) -> dict[str, str]:
    """This process' environment, with what the settings say over it.

    Not of what is OpenTelemetry's own, where two names of one thing mean different things.
    """
    said = {variable.names[0]: getattr(settings, variable.field) for variable in VARIABLES}
    ours = {name: str(value) for name, value in said.items() if value is not None and not name.startswith("OTEL_")}
    return {
        name: value
        for name, value in {**process_environment(), **ours}.items()
        if name not in FOR_PODS | IN_THE_ADDRESS | READ_ALREADY
    }


def forget_old_counters(settings: Settings) -> None:
    """Remove the counters of processes that ended with an earlier run."""
    shutil.rmtree(settings.metrics_dir, ignore_errors=True)
