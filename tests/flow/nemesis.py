"""Kills processes of a stack at random moments and starts them again, as a supervisor would."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flow_stack import Stack

PROCESSES = {
    "receiver": "web",
    "receiver's master": "web",
    "scheduler": "scheduler",
    "worker": "worker",
    "Redis": "valkey",
}
WEIGHTS = {"a receiver process": 5, "receiver": 3, "receiver's master": 2, "Redis": 4, "scheduler": 1}
BETWEEN = (0.3, 2.0)
"""Seconds between two kills; the worker falls by the leads that it delivered, else it would fall while it waits."""
AWAY = (0.0, 2.5)
"""Seconds until it is started again."""
AT_WORK = (1500, 4500)
AT_FIRST, FOR_EACH = 5, 12
"""Kills that are free, and the pushes that must be acknowledged for each further one: on a machine on which starting
takes longer than the time between two kills nothing would get through any more, and no test would end."""


class Nemesis:
    """Kills again and again while it is stirred."""

    def __init__(
        self, stack: Stack, dice: random.Random, acknowledged: Callable[[], int], delivered: Callable[[], int]
    ) -> None:
        """Kill what runs in a stack; the counts are of its acknowledged pushes, and of the leads that came through."""
        self.kills: Counter[str] = Counter()
        self._stack = stack
        self._dice = dice
        self._acknowledged = acknowledged
        self._delivered = delivered
        self._back: dict[str, float] = {}
        self._next = time.monotonic() + dice.uniform(*BETWEEN)
        self._worker_falls_at = dice.randint(*AT_WORK)
        self._orphaned: list[int] = []

    def stir(self) -> None:
        """Kill and start whatever is due."""
        now = time.monotonic()
        for name in [name for name, due in self._back.items() if due <= now]:
            del self._back[name]
            self._stack.start(name)
        if "worker" in self._stack.running and self._delivered() >= self._worker_falls_at:
            self._kill("worker")
            self._worker_falls_at = self._delivered() + self._dice.randint(*AT_WORK)
        if self._next <= now and self.kills.total() < AT_FIRST + self._acknowledged() / FOR_EACH:
            self._next = now + self._dice.uniform(*BETWEEN)
            [kind] = self._dice.choices([*WEIGHTS], [*WEIGHTS.values()])
            self._kill(kind)

    def rest(self) -> None:
        """Let everything live again."""
        for name in self._back:
            self._stack.start(name)
        self._back.clear()

    def orphans(self) -> list[int]:
        """The receivers whose master fell and that have not ended yet."""
        return [group for group in self._orphaned if _lives(group)]

    def _kill(self, kind: str) -> None:
        if kind == "a receiver process":
            self._kill_one_of_the_receivers()
            return
        name = PROCESSES[kind]
        if name not in self._stack.running:
            return
        if kind == "receiver's master":
            self._orphaned.append(self._stack.behead(name))
        else:
            self._stack.kill(name)
        self.kills[kind] += 1
        self._back[name] = time.monotonic() + self._dice.uniform(*AWAY)

    def _kill_one_of_the_receivers(self) -> None:
        master = self._stack.running.get("web")
        found = _children(master.pid) if master else []
        if found:
            os.kill(self._dice.choice(found), signal.SIGKILL)
            self.kills["a receiver process"] += 1


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
