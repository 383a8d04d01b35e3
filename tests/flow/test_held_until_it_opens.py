"""Deliveries wait for the hours of their route while everything runs, and an edit of the hours counts for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads

from hookrouter.clock import SystemClock

StackOf = Callable[..., Stack]
HELD = 60


def by_hours(recorder: HttpRecorder, off: str) -> str:
    return configuration(
        sinks=f'  api: {{type: http, url: "{recorder.url}/desk", order: strict, concurrency: 1}}\n'
        f'  duty: {{type: http, url: "{recorder.url}/duty"}}\n',
        routes="  - {name: hot-lead, during: desk, to: [api]}\n"
        "  - {name: on-call, during: {not: desk, outside: drop}, to: [duty]}\n",
        more=f"times: {{desk: {{timezone: UTC, except: [{off}]}}}}\n",
    )


def status_of(stack: Stack, sink: str) -> Any:
    return next(each for each in json.loads(stack.run("status", "--json"))["sinks"] if each["sink"] == sink)


def scores(recorder: HttpRecorder, path: str) -> list[int]:
    return [int(arrival.json["data"]["lead"]["leadScore"]) for arrival in recorder.at(path)]


@pytest.mark.long
def test_what_is_held_goes_in_its_order_once_the_hours_are_edited(stack_of: StackOf, recorder: HttpRecorder) -> None:
    today = SystemClock().now().date()
    away = f"{today - timedelta(days=1)} to {today + timedelta(days=2)}"
    stack = stack_of(by_hours(recorder, away))
    for score in range(HELD):
        stack.push(leads(0, 1, leadScore=str(score)))

    eventually(lambda: len(recorder.at("/duty")) == HELD, "who is on call was told")
    eventually(lambda: status_of(stack, "api")["held"], "deliveries are held")
    eventually(lambda: status_of(stack, "api")["held"][0]["deliveries"] == HELD, "all are held")
    held = status_of(stack, "api")["held"][0]
    assert (held["route"], held["until"]) == ("hot-lead", f"{today + timedelta(days=3)}T00:00:00+00:00")
    assert recorder.at("/desk") == []

    stack.kill("worker")
    stack.start("worker")
    (stack.folder / "hookrouter.yaml").write_text(by_hours(recorder, "2020-01-01"))

    eventually(lambda: len(recorder.at("/desk")) >= HELD, "what was held arrived")
    assert scores(recorder, "/desk") == list(range(HELD))
    assert status_of(stack, "api")["held"] == []
