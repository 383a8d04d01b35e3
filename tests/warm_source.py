"""What warm processes are forked from: loads what they need, and forks at each request.

    python -P warm_source.py LOADED PARENT_PID SCRATCH

Requests come by the socket at standard input, as JSON: to become a command, with its streams, answered by the number of
its process; or for the exit code of one that has ended.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import sys
import threading
from collections.abc import Callable
from os import fork, waitpid  # by name: gevent replaces those of the module
from socket import recv_fds, socket
from typing import Any, NoReturn

MOST_BYTES = 100_000

Become = Callable[[list[str]], int]


def load_receiver() -> Become:
    """Load what `hookrouter serve` does; the first of it is that gevent replaces sockets and locks."""
    from hookrouter.web import __main__ as receiver  # noqa: PLC0415

    for module in ("hookrouter.web.server", "hookrouter.web.worker"):
        importlib.import_module(module)
    load_sinks()
    return lambda _: receiver.main()


def load_rest() -> Become:
    """Load what the worker, the scheduler and all other commands do."""
    from hookrouter.cli.main import COMMANDS, main  # noqa: PLC0415
    from workers import __main__ as running  # noqa: PLC0415

    for module in ("workers.worker", "workers.cron", *(f"hookrouter.cli.{module}" for module, _ in COMMANDS.values())):
        importlib.import_module(module)
    load_sinks()
    return lambda arguments: running.main(arguments) if arguments in (["worker"], ["scheduler"]) else main()


def load_sinks() -> None:
    """Load what entry points name and no import: more than half of what a process takes to read its configuration."""
    from hookrouter.sinks.registry import load_sink_types  # noqa: PLC0415

    load_sink_types()


def serve(line: socket, become: Become) -> int:
    """Fork at each request until nobody asks any more."""
    gc.collect()
    gc.freeze()  # what is loaded stays, so no process need look at it, which would copy it
    while True:
        asked, streams, _, _ = recv_fds(line, MOST_BYTES, 3)
        if not asked:
            return 0
        request = json.loads(asked)
        if "ended" in request:
            answer = os.waitstatus_to_exitcode(waitpid(request["ended"], 0)[1])
        else:
            source = os.getpid()
            answer = fork()
            if answer == 0:
                line.close()
                _be_the_command(request, streams, source, become)
        for stream in streams:
            os.close(stream)
        line.send(str(answer).encode())


def _be_the_command(request: dict[str, Any], streams: list[int], source: int, become: Become) -> NoReturn:
    from hookrouter.supervise.leash import leash  # noqa: PLC0415

    if not leash(source):
        os._exit(1)
    os.setsid()
    os.chdir(request["folder"])
    shared = os.environ["PROMETHEUS_MULTIPROC_DIR"]  # a process with counters of its own to tell says where anew
    os.environ.clear()
    os.environ.update(request["environment"], PROMETHEUS_MULTIPROC_DIR=shared)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        opened = open(number, "w" if number else "r", closefd=False, buffering=1 if number == 2 else -1)  # noqa: SIM115
        setattr(sys, name, opened)  # it lasts as long as the process
    sys.argv = ["hookrouter", *request["arguments"]]
    try:
        code: object = become(request["arguments"])
    except SystemExit as ended:
        code = ended.code
    except Exception:  # noqa: BLE001 - what the interpreter would do with it
        sys.excepthook(*sys.exc_info())
        code = 1
    _end(code)


def _end(code: object) -> NoReturn:
    """End as the interpreter would, but that it does not take everything apart that was loaded: that takes longest."""
    threading._shutdown()  # type: ignore[attr-defined]  # as the standard library's own forked processes end
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    from hookrouter.supervise.leash import leash

    leash(int(sys.argv[2]))
    # Where counters are kept is asked when they are imported.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[3]
    sys.exit(serve(socket(fileno=os.dup(0)), {"receiver": load_receiver, "rest": load_rest}[sys.argv[1]]()))
