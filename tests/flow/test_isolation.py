"""Ten sinks, one of which never answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flow_stack import Arrival, HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]
LEADS = 60
SINKS = [f"sink-{number}" for number in range(10)]
SILENT = SINKS[4]


def test_nine_sinks_get_everything_while_the_tenth_never_answers(
    stack_of: StackOf, recorder: HttpRecorder, record_property: Callable[[str, object], None]
) -> None:
    written = "\n".join(f'  {name}: {{type: http, url: "{recorder.url}/{name}", concurrency: 4}}' for name in SINKS)
    stack = stack_of(configuration(sinks=written, routes=f"  - {{name: every-lead, to: [{', '.join(SINKS)}]}}"))
    is_over = threading.Event()

    def script(arrival: Arrival) -> int:
        if arrival.path == f"/{SILENT}":
            is_over.wait()
        return 204

    recorder.script = script
    try:
        for number in range(3):
            stack.push(leads(number * LEADS // 3, LEADS // 3))
        others = [name for name in SINKS if name != SILENT]
        eventually(lambda: all(len(recorder.at(f"/{name}")) == LEADS for name in others), "all at the nine")
        asked = len(recorder.at(f"/{SILENT}"))
    finally:
        is_over.set()

    record_property(
        "figures", f"Ten sinks, one silent: {LEADS} leads at each of nine, while {asked} attempts of the tenth hung"
    )
    assert 0 < asked <= 4
