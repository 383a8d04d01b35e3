"""Receivers, workers and a scheduler of one release each, replaced and killed while leads come, and what they use."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.children import Child, cpu_of_family, family_of
from benchmarks.servers import Stage, answers
from hookrouter.supervise.free_port import free_ports

COMMANDS = {"receiver": "hookrouter.web", "worker": "workers worker", "scheduler": "workers scheduler"}


@dataclass(kw_only=True)
class Fleet:
    """The processes of a run by name; a name is a role with a number.

    Attributes:
        used: seconds of CPU by name and process, of those too that have ended.
    """

    stage: Stage
    port: int = field(default_factory=lambda: free_ports(1)[0])
    running: dict[str, Child] = field(default_factory=dict)
    used: dict[str, dict[int, float]] = field(default_factory=dict)

    def start(self, name: str, *, python: Path | None = None) -> None:
        """Start one; `python` is that of another release, which finds its own hookrouter."""
        role = name.partition("-")[0]
        environment = self.stage.environment(self.port)
        module = ["-m", *COMMANDS[role].split()]
        if python is None:
            child = self.stage.child(name, module, environment)
        else:
            child = Child([str(python), "-P", *module], environment, self.stage.folder / f"{name}.log")
        self.running[name] = child
        if role == "receiver":
            child.await_ready(lambda: answers(self.port, "/readyz"))

    def end(self, name: str) -> None:
        """End one as an operator would."""
        self.running.pop(name).stop()

    def kill(self, name: str) -> None:
        """End one as a power cut would."""
        child = self.running.pop(name)
        self._used_by(name, child)
        os.kill(child.pid, signal.SIGKILL)
        child.stop()

    def ended(self) -> list[str]:
        """Those that ended by themselves."""
        return [name for name, child in self.running.items() if not child.lives()]

    def stop(self) -> None:
        """End all."""
        for name in list(self.running):
            self.end(name)

    def memory(self) -> dict[str, float]:
        """MiB that each uses, with its children."""
        return {name: mebibytes(child) for name, child in list(self.running.items())}

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU that each used so far, and whoever had its name before."""
        for name, child in list(self.running.items()):
            self._used_by(name, child)
        return {name: sum(used.values()) for name, used in self.used.items()}

    def _used_by(self, name: str, child: Child) -> None:
        used = self.used.setdefault(name, {})
        used[child.pid] = max(used.get(child.pid, 0.0), cpu_of_family(child.pid))


def mebibytes(child: Child) -> float:
    """Memory of a process and its children, what they share counted once."""
    return sum(_share(pid) for pid in family_of(child.pid)) / (1 << 20)


def _share(pid: int) -> int:
    """Bytes of memory, of what it shares with those that forked it a part: a server's copy while it writes is none."""
    with suppress(OSError):
        found = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return 1024 * sum(int(line.split()[1]) for line in found.splitlines() if line.startswith("Pss:"))
    return 0
