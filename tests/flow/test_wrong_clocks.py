"""A worker's clock is set forward and back in mid-run: nothing is lost, sent twice or put off by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flow_stack import Arrival, HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]
HOUR = 3600
SIZE = 50

WRONG_CLOCK = """
import sys
from datetime import timedelta
from pathlib import Path

if "worker" in sys.orig_argv:
    from hookrouter import clock

    right = clock.SystemClock.now
    clock.SystemClock.now = lambda self: right(self) + timedelta(seconds=int(Path({file!r}).read_text()))
"""


class WorkersClock:
    """How many seconds a worker's clock is wrong by, at any moment."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = str(folder)
        self._file = folder / "seconds"
        self.set(0)
        (folder / "sitecustomize.py").write_text(WRONG_CLOCK.format(file=str(self._file)))

    def set(self, seconds: int) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._file)


def test_a_clock_set_forward_and_back_neither_loses_nor_repeats_nor_puts_off(
    stack_of: StackOf, recorder: HttpRecorder, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    clock = WorkersClock(tmp_path / "clock")
    sink = f'  api: {{type: http, url: "{recorder.url}/api", retry: {{for: 1d}}}}'
    text = configuration(sinks=sink, routes="  - {name: every-lead, to: [api]}")
    stack = stack_of(text, is_warm=False, PYTHONPATH=clock.path)
    failing = {lead["id"] for first in range(0, 4 * SIZE, SIZE) for lead in leads(first, 2)}
    failed: set[str] = set()

    def fail_once(arrival: Arrival) -> int:
        lead = arrival.json["data"]["lead"]["id"]
        if lead in failing and lead not in failed:
            failed.add(lead)
            return 503
        return 204

    recorder.script = fail_once
    for number, seconds in enumerate((0, HOUR, -HOUR, 0)):
        clock.set(seconds)
        stack.push(leads(number * SIZE, SIZE))
        eventually(lambda count=number: len(failed) == 2 * (count + 1), "those that fail were attempted")

    eventually(lambda: len(recorder.arrivals) >= 4 * SIZE + len(failing), "every lead, and those that failed again")
    came = Counter(arrival.json["data"]["lead"]["id"] for arrival in recorder.arrivals)
    ids = {arrival.headers["webhook-id"] for arrival in recorder.arrivals}
    record_property(
        "figures",
        f"Worker's clock an hour ahead, then an hour behind: {len(came)} of {4 * SIZE} leads arrived, "
        f"{len(failing)} of them at the second attempt; {came.total() - len(came) - len(failing)} repeated for nothing",
    )
    assert came == Counter({lead["id"]: 1 + (lead["id"] in failing) for lead in leads(0, 4 * SIZE)})
    assert len(ids) == 4 * SIZE
