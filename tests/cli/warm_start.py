"""Commands in processes of their own that have imported already: most of a command's start is its imports.

Each is forked from a server that has loaded the commands once, and has the folder, environment and streams it is given.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from hookrouter.cli.main import COMMANDS

STREAMS = ("stdin", "stdout", "stderr")

_warm = multiprocessing.get_context("forkserver")
_warm.set_forkserver_preload([f"hookrouter.cli.{module}" for module, _ in COMMANDS.values()])


def start(arguments: tuple[str, ...], folder: Path, environment: dict[str, str], streams: Path) -> ForkServerProcess:
    """Start `hookrouter` in a folder; its streams are files in another."""
    process = _warm.Process(target=_be_the_command, args=[arguments, folder, environment, streams])
    process.start()
    return process


def _be_the_command(arguments: tuple[str, ...], folder: Path, environment: dict[str, str], streams: Path) -> None:
    from hookrouter.cli.main import main  # noqa: PLC0415 - loaded by the server, and named anew in each process

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(STREAMS):
        stream = os.open(streams / name, os.O_RDWR)
        os.dup2(stream, number)
        os.close(stream)
        setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - it lasts as long as the process
    sys.argv = ["hookrouter", *arguments]
    try:
        code = main()
    except Exception:  # noqa: BLE001 - what the interpreter would do with it
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.exit(code)
