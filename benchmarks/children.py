"""Starts real processes, tells what CPU they used, and ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hookrouter.supervise.children import LEASH

READY_WITHIN = 20.0
END_WITHIN = 12.0
PAUSE = 0.02
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent


class Child:
    """One process of ours, which dies with this one."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--", *command],
                env={**_plain_environment(), **environment},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def await_ready(self, is_ready: Callable[[], bool]) -> Self:
        """Wait until it is up, or say what it said."""
        deadline = time.monotonic() + READY_WITHIN
        while not is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text("utf-8", "replace")[-2000:]
                raise SystemExit(f"{' '.join(map(str, self._process.args[6:]))} did not come up:\n{said}")  # type: ignore[index]  # a list
            time.sleep(PAUSE)
        return self

    def cpu(self) -> float:
        """Seconds of CPU that it and its living children used."""
        return sum(cpu_of(each) for each in [self.pid, *children_of(self.pid)])

    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def pause(self) -> None:
        """Let it do nothing until it is resumed."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end; kill it and its children if it does not."""
        family = [self.pid, *children_of(self.pid)]
        self._process.terminate()
        try:
            self._process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            for each in family:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            self._process.wait()


def run_to_end(command: Sequence[str], environment: Mapping[str, str] | None = None, *, seconds: float = 120) -> bytes:
    """Run a command of ours and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**_plain_environment(), **(environment or {})},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return done.stdout


def _plain_environment() -> dict[str, str]:
    """This process' environment without what would configure a product of ours."""
    ours = ("HOOKROUTER_", "TEXTBOOK_")
    bare = {"REDIS_URL", "HOST", "PORT", "WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR"}
    return {name: value for name, value in os.environ.items() if not name.startswith(ours) and name not in bare}


def children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def family_of(pid: int) -> Iterator[int]:
    """A process, and all that it started, theirs too."""
    yield pid
    for each in children_of(pid):
        yield from family_of(each)


def cpu_of(pid: int) -> float:
    user, system, *_ = _times(pid)
    return user + system


def cpu_of_family(pid: int) -> float:
    """Seconds of CPU of a process and all that it started, those too that have ended and were waited for."""
    return sum(sum(_times(each)) for each in family_of(pid))


def _times(pid: int) -> list[float]:
    """Seconds of its own, in user and system; then of the children that it waited for."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [int(each) / TICKS for each in fields[11:15]]
    return [0.0] * 4
