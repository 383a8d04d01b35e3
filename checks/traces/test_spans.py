"""Spans made of facts, sent to a real collector."""

from __future__ import annotations

from dataclasses import replace

import pytest
from otlp import Collector

from hookrouter.domain.events import DeliveryAttempted, DigestGathered, Event, PushReceived
from hookrouter.domain.routing_events import LeadRouted
from hookrouter.telemetry.spans import name_of, trace_of
from hookrouter.telemetry.traces import HTTP, Traces, traces_of

PUSH = "p_019307d5c0000123456789ab"
RECEIVED = PushReceived(
    push=PUSH, source="crm", leads=1, accepted=1, rejected=0, duplicate=False, size=99, kept="redis", seconds=0.25
)
ROUTED = LeadRouted(push=PUSH, source="crm", place=0, routes=("hot",), sinks=1, happened="created", deliveries=("d_1",))
ATTEMPTED = DeliveryAttempted(
    push=PUSH,
    delivery="d_1",
    route="hot",
    sink="api",
    revision="r",
    attempt=1,
    outcome="retry",
    reason="server_error",
    status=503,
    seconds=0.5,
    lead_seconds=1.5,
)


def told(observer: Traces, *events: Event) -> None:
    """Tell the events, and have all that was made of them sent."""
    for event in events:
        observer.report(event)
    opened = observer._opened()  # noqa: SLF001
    assert opened is not None
    opened._provider.shutdown()  # noqa: SLF001


def made() -> Traces:
    found = traces_of(HTTP, lambda event: pytest.fail(f"said {event}"))
    assert found is not None
    return found


def test_a_push_its_lead_and_its_delivery_are_one_trace(collector: Collector) -> None:
    told(made(), RECEIVED, ROUTED, ATTEMPTED)

    [receive], [route], [deliver], [attempt] = map(collector.named, ("receive", "route", "deliver", "attempt"))
    assert {span.trace for span in collector.spans} == {f"{trace_of(PUSH):032x}"}
    assert [receive.parent, route.parent, deliver.parent, attempt.parent] == ["", receive.id, route.id, deliver.id]
    assert (receive.kind, attempt.kind) == (2, 3)  # a server's, a client's
    assert receive.ended - receive.began == 250_000_000
    assert attempt.ended - attempt.began == 500_000_000
    assert [span.is_fault for span in (receive, route, deliver, attempt)] == [False, False, False, True]
    assert attempt.told["hookrouter.sink"] == "api"
    assert attempt.told["hookrouter.status"] == 503
    assert route.told["hookrouter.routes"] == ("hot",)
    assert route.service == "hookrouter"


def test_processes_that_know_nothing_of_each_other_make_the_same_trace(collector: Collector) -> None:
    told(made(), RECEIVED)
    told(made(), ATTEMPTED)

    [receive], [attempt] = collector.named("receive"), collector.named("attempt")
    assert attempt.trace == receive.trace
    assert attempt.parent == name_of("d_1").hex()


def test_a_digest_stands_in_the_trace_of_its_first_lead(collector: Collector) -> None:
    told(
        made(),
        DigestGathered(push=PUSH, sink="api", delivery="g_1", deliveries=3),
        replace(ATTEMPTED, delivery="g_1", outcome="delivered", reason=""),
    )

    [deliver], [attempt] = collector.named("deliver"), collector.named("attempt")
    assert deliver.parent == name_of(PUSH).hex()
    assert attempt.parent == deliver.id
    assert attempt.is_fault is False


def test_a_push_sent_again_stands_under_the_first(collector: Collector) -> None:
    told(made(), RECEIVED, replace(RECEIVED, duplicate=True))

    first, again = sorted(collector.named("receive"), key=lambda span: span.parent)
    assert again.parent == first.id != again.id


def test_the_standard_samplers_judge_alike_in_all_processes(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    pushes = [f"p_{number:024x}" for number in range(200)]
    told(made(), *(replace(RECEIVED, push=push) for push in pushes))
    told(made(), *(replace(ATTEMPTED, push=push) for push in pushes))

    received = {span.trace for span in collector.named("receive")}
    asking = made()
    heard = {push: asking.headers(push, "d_1").get("traceparent", "") for push in pushes}
    assert {told.split("-")[1] for told in heard.values() if told} == received
    assert 50 < len(received) < 150
    assert {span.trace for span in collector.named("attempt")} == received


def test_the_service_is_named_as_the_operator_names_it(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "leads-of-ours")

    told(made(), RECEIVED)

    assert {span.service for span in collector.spans} == {"leads-of-ours"}


def test_a_variable_that_the_library_chokes_on_costs_the_traces_and_no_push(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    said: list[Event] = []
    observer = Traces(said.append)

    observer.report(RECEIVED)
    observer.report(ATTEMPTED)

    assert [event.name for event in said] == ["traces.missing"]
    assert collector.spans == []
