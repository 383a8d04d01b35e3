"""What operators look by costs a push nothing: none of it runs while nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from api_support import Caller

import hookrouter.web.api
import hookrouter.web.console

OF_OPERATORS = tuple(
    str(Path(str(package.__file__)).parent) for package in (hookrouter.web.api, hookrouter.web.console)
)


@contextmanager
def watched() -> Iterator[set[str]]:
    """The functions of the console and the operator API that run inside."""
    seen = set[str]()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(OF_OPERATORS):
            seen.add(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def test_a_push_runs_nothing_of_console_and_operator_api(api: Caller) -> None:
    api.get("flow")  # all is open
    with watched() as looking:
        api.get("flow")
        api.client.get("/console/")
    with watched() as pushing:
        api.push(*({"id": str(number), "leadScore": 91} for number in range(25)))
        api.ask("GET", "/healthz")

    assert {"Call.read", "_let_in.<locals>.know_who_asks"} <= looking
    assert pushing == set()
