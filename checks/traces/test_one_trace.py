"""One trace tells of a push and of all that becomes of it, in whichever process."""

from __future__ import annotations

from collections.abc import Callable

from flow_crm import ACCOUNT, SECRET, Crm, crm_id
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads
from otlp import Collector, Seen

StackOf = Callable[..., Stack]


def traced(recorder: HttpRecorder, crm: Crm) -> str:
    more = f'crm: {{account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{crm.api}", rate_limit: 50/s}}'
    sinks = f'  api: {{type: http, url: "{recorder.url}/api"}}'
    routes = "  - {name: all, enrich: {timeline: {last: 365d}}, to: [api]}"
    return configuration(sinks=sinks, routes=routes, more=more)


def above(spans: list[Seen], span: Seen) -> list[str]:
    """The names of the spans from the first of the trace to this one."""
    by_id = {each.id: each for each in spans}
    names = [span.name]
    while span.parent:
        span = by_id[span.parent]
        names.insert(0, span.name)
    return names


def test_a_push_is_followed_from_its_receipt_to_every_attempt(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm
) -> None:
    collector = Collector()
    recorder.script = lambda _: 503 if len(recorder.arrivals) == 1 else 204
    stack = stack_of(traced(recorder, crm), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)

    [lead] = leads(0, 1, lastName="Secretive")
    receipt = stack.push([lead | {"id": crm_id(3)}])
    eventually(lambda: len(recorder.at("/api")) == 2, "it was tried again")
    eventually(lambda: stack.server.client.zcard("hr:retries:api") == 0, "it is settled")
    assert stack.end("worker") == 0  # what is in hand is sent, by the router that it forked, too
    assert stack.end("web") == 0
    collector.close()

    assert len({span.trace for span in collector.spans}) == 1
    assert len({span.process for span in collector.spans}) == 3
    assert {span.told["hookrouter.push"] for span in collector.spans} == {receipt["push"]}
    [enriched] = collector.named("enrich timeline")
    first, second = sorted(collector.named("attempt"), key=lambda span: span.began)
    assert above(collector.spans, enriched) == ["receive", "route", "deliver", "enrich timeline"]
    assert above(collector.spans, first) == ["receive", "route", "deliver", "attempt"]
    assert first.parent == second.parent == enriched.parent
    assert [first.is_fault, second.is_fault] == [True, False]
    assert (first.told["hookrouter.attempt"], second.told["hookrouter.attempt"]) == (1, 2)
    heard = {arrival.headers["traceparent"] for arrival in recorder.at("/api")}
    assert heard == {f"00-{first.trace}-{first.parent}-01"}
    for value in (lead["firstName"], "Secretive", lead["emailAddress"], recorder.url, SECRET):
        assert not any(value.encode() in body for body in collector.bodies)
