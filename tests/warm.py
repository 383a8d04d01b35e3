"""Processes of hookrouter that have imported already: most of what a start costs is imports.

Each is forked from a source that loaded them once: one for the receiver, since gevent replaces what all later imports
take hold of, and one for all else. From then on it is a process like any other, with its own folder, environment,
streams and session, and it dies with its source, which dies with the tests. What a start itself does is for tests that
run the command.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from socket import AF_UNIX, SOCK_SEQPACKET, send_fds, socketpair
from tempfile import TemporaryDirectory

SOURCE = Path(__file__).with_name("warm_source.py")


@dataclass(kw_only=True)
class WarmProcess:
    """What `subprocess.Popen` would be for it; its exit code is told by its source, whose child it is."""

    pid: int
    source: Source
    returncode: int | None = None
    _ended: int = field(init=False)

    def __post_init__(self) -> None:
        """Watch this very process: no other gets its number before its end was asked for."""
        self._ended = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, when it has ended.

        Raises:
            TimeoutExpired: it has not within so many seconds.
        """
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def _look(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], seconds)[0]:
            os.close(self._ended)
            self.returncode = self.source.ask({"ended": self.pid})
        return self.returncode


class Source:
    """A process that has imported all that some commands need, and is forked to become one of them."""

    def __init__(self, loaded: str) -> None:
        """Load it."""
        self._lock = threading.Lock()  # tests also kill and start from threads
        self._scratch = TemporaryDirectory()
        self._line, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", str(SOURCE), loaded, str(os.getpid()), self._scratch.name]
            self._process = subprocess.Popen(command, stdin=theirs, start_new_session=True)
        atexit.register(self.end)

    def end(self) -> None:
        """Ask for nothing more."""
        self._line.close()
        self._process.wait()
        self._scratch.cleanup()

    def start(
        self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], streams: tuple[int, int, int]
    ) -> WarmProcess:
        """Become `hookrouter` with these arguments, streams from standard input on."""
        request = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
        return WarmProcess(pid=self.ask(request, *streams), source=self)

    def ask(self, request: Mapping[str, object], *streams: int) -> int:
        """Its answer."""
        with self._lock:
            send_fds(self._line, [json.dumps(request).encode()], streams)
            return int(self._line.recv(100))


_NURSERY = ThreadPoolExecutor(max_workers=1)
"""A source dies with the thread that began it, so this one begins them all: it lives as long as the tests."""


@cache
def _source(loaded: str) -> Source:
    return _NURSERY.submit(Source, loaded).result()


def start(
    *arguments: str,
    folder: Path,
    environment: Mapping[str, str],
    output: int,
    given: int | None = None,
    errors: int | None = None,
) -> WarmProcess:
    """Start `hookrouter` with these arguments; what it says goes to `output`, its errors too if none is for them."""
    source = _source("receiver" if arguments == ("serve",) else "rest")
    with Path(os.devnull).open() as nothing:
        streams = (nothing.fileno() if given is None else given, output, output if errors is None else errors)
        return source.start(arguments, folder, environment, streams)
