"""Sinks fail and come back, refuse, or hang."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from flow_stack import HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]


def sinks(recorder: HttpRecorder, *names: str) -> str:
    written = "\n".join(
        f'  {name}: {{type: http, url: "{recorder.url}/{name}", timeout: 2s, concurrency: 4}}' for name in names
    )
    return configuration(sinks=written, routes=f"  - {{name: every-lead, to: [{', '.join(names)}]}}")


def test_a_failed_delivery_is_tried_again_under_the_same_id(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(sinks(recorder, "api"))
    recorder.script = lambda _: 503 if len(recorder.arrivals) == 1 else 204

    stack.push(leads(1, 1))

    eventually(lambda: len(recorder.arrivals) == 2, "a second attempt")
    first, second = recorder.arrivals
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_a_refused_delivery_is_kept_and_replayed_under_the_same_id(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(sinks(recorder, "api"))
    recorder.script = lambda _: 400
    stack.push(leads(1, 1))
    [letter] = eventually(lambda: json.loads(stack.run("dead", "list", "--json")), "a dead letter")
    assert (letter["sink"], letter["route"], letter["status"], letter["attempts"]) == ("api", "every-lead", 400, 1)

    recorder.script = lambda _: 204
    stack.run("dead", "replay", letter["id"])

    eventually(lambda: len(recorder.arrivals) == 2, "the replayed delivery")
    assert {arrival.headers["webhook-id"] for arrival in recorder.arrivals} == {letter["id"]}
    eventually(lambda: json.loads(stack.run("dead", "list", "--json")) == [], "no dead letter left")


def test_a_sink_that_hangs_holds_up_no_other(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(sinks(recorder, "fast", "stuck"))

    def script(arrival: object) -> int:
        if getattr(arrival, "path", "") == "/stuck":
            time.sleep(30)
        return 204

    recorder.script = script
    for number in range(10):
        stack.push(leads(number * 20, 20))

    eventually(lambda: len(recorder.at("/fast")) == 200, "every lead at the sink that answers")
    assert len(recorder.at("/stuck")) < 200


def test_one_leads_updates_arrive_in_their_order(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(sinks(recorder, "api"))
    scores = [str(number) for number in range(60)]

    for score in scores:
        stack.push(leads(7, 1, leadScore=score))

    eventually(lambda: len(recorder.arrivals) == 60, "every update at the sink")
    assert [arrival.json["data"]["lead"]["leadScore"] for arrival in recorder.arrivals] == scores
    assert recorder.arrivals[5].json["data"]["previous"] == {"leadScore": "4"}


def test_the_same_push_twice_is_routed_once(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(sinks(recorder, "api"))

    first, second = stack.push(leads(1, 3)), stack.push(leads(1, 3))
    stack.push(leads(9, 1))

    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert {**second, "duplicate": False} == first
    eventually(lambda: len(recorder.arrivals) >= 4, "the leads at the sink")
    assert len(recorder.arrivals) == 4
