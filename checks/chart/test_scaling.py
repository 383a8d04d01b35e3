"""How many of each run, and what watches them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from chart_support import (
    CHART,
    PRODUCTION,
    Manifest,
    Render,
    container_of,
    of_kind,
    the_only,
    variables,
    workloads,
)

from hookrouter.domain.scaling import MOST_OF_A_STREAM

DOCUMENTED = CHART.parent / "docs" / "metrics.md"


def autoscalers(manifests: list[Manifest]) -> dict[str, Any]:
    found = of_kind(manifests, "HorizontalPodAutoscaler")
    return {each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"] for each in found}


def is_one_gauge(name: str) -> bool:
    """Whether receivers show it as one number; that it is right is held by `tests/usecases/test_backlog.py`."""
    return re.search(rf"^\| `{name}` \| gauge \| none \|", DOCUMENTED.read_text("utf-8"), re.MULTILINE) is not None


def test_keda_asks_a_receiver_for_the_one_number_that_tells_all_work(render: Render) -> None:
    manifests = render(PRODUCTION)
    scaled = the_only(manifests, "ScaledObject")["spec"]
    (trigger,) = scaled["triggers"]
    asked = urlsplit(trigger["metadata"]["url"])
    (service,) = [each for each in of_kind(manifests, "Service") if each["spec"].get("clusterIP") != "None"]

    assert scaled["scaleTargetRef"]["name"] == workloads(manifests)["worker"]["metadata"]["name"]
    assert scaled["minReplicaCount"] >= 1
    assert trigger["type"] == "metrics-api"
    assert trigger["metricType"] == "AverageValue"
    assert trigger["metadata"]["format"] == "prometheus"
    assert is_one_gauge(trigger["metadata"]["valueLocation"])
    assert (asked.hostname, asked.path) == (f"{service['metadata']['name']}.leads.svc", "/metrics")
    assert asked.port == service["spec"]["ports"][0]["port"]


def test_one_stream_wants_one_worker(render: Render) -> None:
    """A stream is served by one worker at a time: with a smaller target a long one would want several in vain."""
    (trigger,) = the_only(render(PRODUCTION), "ScaledObject")["spec"]["triggers"]

    assert float(trigger["metadata"]["targetValue"]) == MOST_OF_A_STREAM


def test_in_production_there_are_no_more_workers_than_streams(render: Render) -> None:
    manifests = render(PRODUCTION)
    texts = {each["data"].get("hookrouter.yaml") for each in of_kind(manifests, "ConfigMap")} - {None}
    (sinks,) = (yaml.safe_load(text)["sinks"].values() for text in texts)
    partitions = int(variables(container_of(manifests, "worker"))["HOOKROUTER_PARTITIONS"])

    most = the_only(manifests, "ScaledObject")["spec"]["maxReplicaCount"]

    assert most <= partitions + sum(sink.get("shards", 1) for sink in sinks)


def test_keda_asks_prometheus_for_the_greatest_of_what_receivers_tell(render: Render) -> None:
    scaled = the_only(render("keda-prometheus"), "ScaledObject")["spec"]
    trigger, besides = scaled["triggers"]
    query = re.fullmatch(r'max\((\w+)\{namespace="leads",job="crm"\}\)', trigger["metadata"]["query"])

    assert query is not None
    assert is_one_gauge(query[1])
    assert trigger["metadata"]["threshold"] == "500"
    assert trigger["authenticationRef"] == {"name": "prometheus", "kind": "ClusterTriggerAuthentication"}
    assert besides["type"] == "cron"
    assert scaled["fallback"] == {"failureThreshold": 3, "replicas": 4}


def test_autoscalers_aim_at_what_there_is(render: Render) -> None:
    for name in (PRODUCTION, "hpa"):
        manifests = render(name)
        for role, spec in autoscalers(manifests).items():
            aim, target = spec["scaleTargetRef"], workloads(manifests)[role]
            assert (aim["kind"], aim["name"]) == (target["kind"], target["metadata"]["name"])
    assert autoscalers(render(PRODUCTION)).keys() == {"web"}
    assert autoscalers(render("hpa")).keys() == {"web", "worker"}


def test_what_an_autoscaler_counts_by_is_what_was_asked_for(render: Render) -> None:
    scalers = autoscalers(render("hpa"))
    resources = {
        metric["resource"]["name"]: metric["resource"]["target"]["averageUtilization"]
        for metric in scalers["web"]["metrics"]
    }

    assert resources == {"cpu": 70, "memory": 80}
    assert [metric["type"] for metric in scalers["worker"]["metrics"]] == ["Resource", "External"]
    assert scalers["web"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 600


@pytest.mark.parametrize(
    ("name", "scaled"), [("minimal", set()), (PRODUCTION, {"web", "worker"}), ("hpa", {"web", "worker"})]
)
def test_the_number_of_what_is_scaled_is_left_to_the_autoscaler(render: Render, name: str, scaled: set[str]) -> None:
    found = {role: "replicas" in each["spec"] for role, each in workloads(render(name)).items()}

    assert {role for role, is_said in found.items() if not is_said} == scaled


def test_every_pod_is_scraped_by_a_podmonitor(render: Render) -> None:
    manifests = render(PRODUCTION)
    monitor = the_only(manifests, "PodMonitor")
    ports = {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]}

    assert monitor["metadata"]["labels"]["release"] == "ours"
    for role, each in workloads(manifests).items():
        labels = each["spec"]["template"]["metadata"]["labels"]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert [port["name"] for port in container_of(manifests, role)["ports"] if port["name"] in ports]


def test_every_pod_is_scraped_once_by_a_servicemonitor(render: Render) -> None:
    manifests = render("service-monitor")
    monitor = the_only(manifests, "ServiceMonitor")
    (expression,) = monitor["spec"]["selector"]["matchExpressions"]
    services = [
        each
        for each in of_kind(manifests, "Service")
        if monitor["spec"]["selector"]["matchLabels"].items() <= each["metadata"]["labels"].items()
        and expression["key"] in each["metadata"]["labels"]
    ]
    endpoints = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}

    scraped = [
        role
        for service in services
        for role, each in workloads(manifests).items()
        if service["spec"]["selector"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
        and {port["name"] for port in service["spec"]["ports"]} <= endpoints
    ]

    assert sorted(scraped) == ["scheduler", "web", "worker"]
    assert monitor["metadata"]["namespace"] == "monitoring"
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["leads"]}
    assert variables(container_of(manifests, "worker"))["HOOKROUTER_METRICS_PORT"] == "9100"


@pytest.mark.parametrize(
    ("name", "kind"),
    [(PRODUCTION, "PodMonitor"), ("keda-prometheus", "PodMonitor"), ("service-monitor", "ServiceMonitor")],
)
def test_all_pods_are_one_job_by_which_alerts_add_up_and_workers_are_scaled(
    render: Render, name: str, kind: str
) -> None:
    manifests = render(name)
    label = the_only(manifests, kind)["spec"]["jobLabel"]
    pods = [each["spec"]["template"]["metadata"]["labels"][label] for each in workloads(manifests).values()]
    services = [each["metadata"]["labels"][label] for each in of_kind(manifests, "Service")]

    assert {*pods, *services} == {"crm"}


def test_the_rules_and_the_dashboard_arrive_as_they_are_in_their_files(render: Render) -> None:
    manifests = render(PRODUCTION)
    (dashboard,) = [each for each in of_kind(manifests, "ConfigMap") if "hookrouter.json" in each["data"]]

    written = (CHART / "alerts" / "hookrouter.yaml").read_text("utf-8")
    of_this_release = written.replace(
        "absent(hookrouter_redis_up)", 'absent(hookrouter_redis_up{namespace="leads",job="crm"})'
    )
    relabelled = render("service-monitor")  # its job may be called otherwise

    assert of_this_release != written
    assert the_only(manifests, "PrometheusRule")["spec"] == yaml.safe_load(of_this_release)
    assert the_only(relabelled, "PrometheusRule")["spec"] == yaml.safe_load(written)
    assert json.loads(dashboard["data"]["hookrouter.json"]) == json.loads(
        (CHART / "dashboards" / "hookrouter.json").read_text("utf-8")
    )
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboard["metadata"]["annotations"]["folder"] == "CRM"


def test_nothing_of_an_operator_that_may_be_missing_comes_unasked(render: Render) -> None:
    assert {each["apiVersion"] for each in render("minimal")} == {"v1", "apps/v1", "policy/v1"}
