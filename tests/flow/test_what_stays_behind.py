"""What a busy run leaves in Redis, in the logs and in the figures."""

from __future__ import annotations

import json
from collections.abc import Callable

from flow_stack import TOKEN, HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]

BOUNDED = {
    "stream": "trimmed by being drained, or capped",
    "zset": "trimmed by its writer or the kick to a retention",
    "set": "as many members as there are sinks",
    "hash": "lives and dies with its sorted set",
}
LAYOUT = b"hr:layout"
"""One record of a few lines; it must not expire, for it tells where leads are."""
INDEXES = {
    "layout",
    "hydrate",
    "pushes",
    "dead",
    "rejected",
    "arrivals",
    "attempts",
    "unreadable",
    "outboxes",
    "intake",
    "assign",
    "decisions",
    "enrich",
    "outbox",
    "retry",
}


def busy(recorder: HttpRecorder) -> str:
    sinks = f"""
  api: {{type: http, url: "{recorder.url}/api"}}
  refusing: {{type: http, url: "{recorder.url}/refusing"}}
  failing: {{type: http, url: "{recorder.url}/failing"}}
"""
    routes = "  - {name: every-lead, assign: east, to: [api, refusing, failing]}"
    return configuration(sinks=sinks, routes=routes, more="teams: {east: {members: [{owner: 4, name: Ada Brown}]}}")


def answers(arrival: object) -> int:
    return {"/api": 204, "/refusing": 422, "/failing": 503}[getattr(arrival, "path", "")]


def make_busy(stack: Stack, recorder: HttpRecorder) -> None:
    recorder.script = answers
    stack.push([*leads(0, 30), {"id": "no good: a space"}, "no lead"])
    stack.post(b"not JSON")
    stack.post(b"[]", stack.hook.replace(TOKEN, "a-wrong-token"))
    eventually(lambda: len(recorder.at("/api")) == 30 and len(recorder.at("/refusing")) == 30, "all was tried")
    eventually(lambda: b'outcome="dead"' in stack.get("/metrics")[1], "the refused are dead")


def test_no_key_is_without_a_bound_or_a_time_to_live(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(busy(recorder))
    make_busy(stack, recorder)
    client = stack.server.client

    unbounded = [
        key.decode()
        for key in client.scan_iter("hr:*")
        if client.ttl(key) == -1 and key.decode().split(":")[1].removesuffix("-records") not in INDEXES
    ]

    assert unbounded == []
    kinds = {client.type(key).decode() for key in client.scan_iter("hr:*") if client.ttl(key) == -1 and key != LAYOUT}
    assert kinds <= set(BOUNDED)


def test_no_log_metric_or_health_report_holds_a_lead_or_a_secret(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(busy(recorder))
    make_busy(stack, recorder)

    told = stack.logs() + stack.get("/metrics")[1].decode() + stack.get("/health")[1].decode()

    for secret in (TOKEN, "a-wrong-token", "First1", "lead1@example.com", "no good", "Ada Brown"):
        assert secret not in told


def test_every_line_of_the_logs_is_a_json_object_with_an_event(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(busy(recorder))
    make_busy(stack, recorder)

    lines = [json.loads(line) for line in stack.logs().splitlines()]

    assert all(line["event"] and line["timestamp"] for line in lines)
    attempts = [line for line in lines if line["event"] == "delivery.attempted"]
    assert all(line["push"].startswith("p_") and line["delivery"].startswith("d_") for line in attempts)


REFUSED = 'hookrouter_deliveries_total{outcome="dead",reason="refused",sink="refusing"}'


def figures_of(stack: Stack) -> dict[str, str]:
    lines = stack.get("/metrics")[1].decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_the_figures_add_up_over_all_processes(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(busy(recorder))
    make_busy(stack, recorder)

    eventually(lambda: figures_of(stack).get(REFUSED) == "30.0", "all the refused are counted")
    figures = figures_of(stack)

    assert figures['hookrouter_leads_total{result="accepted",source="crm"}'] == "30.0"
    assert figures['hookrouter_leads_total{result="rejected",source="crm"}'] == "2.0"
    assert figures['hookrouter_routed_total{happened="created",source="crm"}'] == "30.0"
    delivered = 'hookrouter_deliveries_total{outcome="delivered",reason="",sink="api"}'
    eventually(lambda: figures_of(stack)[delivered] == "30.0", "all the delivered are counted")
    eventually(lambda: figures_of(stack)['hookrouter_kept{kind="dead"}'] == "30.0", "all dead letters are kept")
    assert figures['hookrouter_kept{kind="rejected"}'] == "2.0"


def test_health_names_the_part_that_fails(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(busy(recorder), processes=("web", "scheduler"))

    status, told = stack.get("/health")

    report = json.loads(told)
    assert (status, report["status"]) == (503, "fail")
    assert report["checks"]["workers"][0]["status"] == "fail"
    assert report["checks"]["redis"][0]["status"] == "pass"
    assert stack.get("/healthz")[0] == 200
    assert stack.get("/readyz")[0] == 200
