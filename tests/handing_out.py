"""How pytest-xdist hands out the tests: single ones, but those that share slow processes to one worker."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

SHARERS = {
    "tests/cli/test_up_command.py",
    "tests/flow/test_bad_sinks.py",
    "tests/house/test_house.py",
    "tests/receiver/test_bad_input.py",
    "tests/receiver/test_console_door.py",
    "tests/receiver/test_full_disk.py",
    "tests/receiver/test_fuzz.py",
}


class SharersTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist is untyped
    """Hands out single tests, but those of a file whose tests share slow processes to one worker.

    xdist's own marks for this have no effect under pytest 9.
    """

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forget what is done: at each test xdist counts through all that a worker was ever given, thousands here."""
        nodeid = self.registered_collections[node][item_index]
        units = self.assigned_work[node]
        unit = units[self._split_scope(nodeid)]
        unit[nodeid] = True
        if all(unit.values()):
            del units[self._split_scope(nodeid)]
        self._reschedule(node)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in SHARERS else nodeid
