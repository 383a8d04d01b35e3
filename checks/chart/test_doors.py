"""What is open to whom: the hooks to the internet, the console to operators, the rest to those who are named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chart_support import PRODUCTION, Manifest, Render, of_kind, workloads

HOOKS = [("/hooks", "hooks.example.com"), ("/slack/actions", "hooks.example.com")]
CONSOLE = [(path, "hookrouter.corp.example.com") for path in ("/console", "/api", "/openapi.json")]
INSIDE = ("/metrics", "/health", "/healthz", "/readyz")


def named(manifests: list[Manifest], kind: str) -> dict[str, Any]:
    return {each["metadata"]["name"]: each["spec"] for each in of_kind(manifests, kind)}


def paths_of_ingress(spec: Any) -> list[tuple[str, str]]:
    return [(path["path"], rule["host"]) for rule in spec["rules"] for path in rule["http"]["paths"]]


def paths_of_route(spec: Any) -> list[tuple[str, str]]:
    (host,) = spec["hostnames"]
    return [(match["path"]["value"], host) for rule in spec["rules"] for match in rule["matches"]]


def test_an_ingress_opens_the_hooks_to_the_internet_and_the_console_elsewhere(render: Render) -> None:
    found = named(render(PRODUCTION), "Ingress")

    assert paths_of_ingress(found["crm-hookrouter"]) == HOOKS
    assert paths_of_ingress(found["crm-hookrouter-console"]) == CONSOLE
    assert found["crm-hookrouter"]["ingressClassName"] == "nginx"
    assert found["crm-hookrouter"]["tls"] == [{"hosts": ["hooks.example.com"], "secretName": "hooks-tls"}]


def test_a_gateway_does_as_well(render: Render) -> None:
    found = named(render("gateway"), "HTTPRoute")

    assert paths_of_route(found["crm-hookrouter"]) == HOOKS
    assert paths_of_route(found["crm-hookrouter-console"]) == CONSOLE
    assert found["crm-hookrouter"]["parentRefs"] == [
        {"name": "public", "namespace": "gateways", "sectionName": "https"}
    ]


def test_slack_s_buttons_are_let_through_only_when_that_is_said(render: Render) -> None:
    closed = render(PRODUCTION, "--set", "ingress.slack=false"), render("gateway", "--set", "httpRoute.slack=false")

    assert paths_of_ingress(named(closed[0], "Ingress")["crm-hookrouter"]) == HOOKS[:1]
    assert paths_of_route(named(closed[1], "HTTPRoute")["crm-hookrouter"]) == HOOKS[:1]


@pytest.mark.parametrize("name", [PRODUCTION, "gateway"])
def test_probes_and_metrics_stay_inside(render: Render, name: str) -> None:
    manifests = render(name)
    opened = [path for spec in named(manifests, "Ingress").values() for path, _ in paths_of_ingress(spec)]
    opened += [path for spec in named(manifests, "HTTPRoute").values() for path, _ in paths_of_route(spec)]

    assert opened
    assert [path for path in opened for inside in INSIDE if inside == path or inside.startswith(f"{path}/")] == []


def test_every_door_leads_to_the_receiver(render: Render) -> None:
    for name in (PRODUCTION, "gateway"):
        manifests = render(name)
        (service,) = [each for each in of_kind(manifests, "Service") if each["spec"].get("clusterIP") != "None"]
        (port,) = service["spec"]["ports"]
        for spec in named(manifests, "Ingress").values():
            backends = [path["backend"]["service"] for rule in spec["rules"] for path in rule["http"]["paths"]]
            assert backends == [{"name": service["metadata"]["name"], "port": {"name": port["name"]}}] * len(backends)
        for spec in named(manifests, "HTTPRoute").values():
            assert [rule["backendRefs"] for rule in spec["rules"]] == [
                [{"name": service["metadata"]["name"], "port": port["port"]}]
            ]


def test_nothing_is_opened_unasked(render: Render) -> None:
    assert of_kind(render("minimal"), "Ingress", "HTTPRoute", "NetworkPolicy") == []


def test_a_load_balancer_is_as_it_was_asked_for(render: Render) -> None:
    spec = named(render("service-monitor"), "Service")["crm-hookrouter"]

    assert (spec["type"], spec["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert spec["loadBalancerSourceRanges"] == ["203.0.113.0/24"]
    assert named(render("names"), "Service")["leads"]["ports"][0]["nodePort"] == 30080


def allowed(rules: list[Any], direction: str) -> Iterator[tuple[Any, Any]]:
    """Each port with each peer; no peers at all are everybody."""
    for rule in rules:
        for port in rule.get("ports", [{"port": "any"}]):
            for peer in rule.get(direction, ["anybody"]):
                yield port["port"], peer


def namespace(peer: Any) -> str:
    return (
        str(peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"])
        if "namespaceSelector" in peer
        else ""
    )


def test_a_policy_covers_every_pod(render: Render) -> None:
    manifests = render(PRODUCTION)
    selectors = [spec["podSelector"]["matchLabels"] for spec in named(manifests, "NetworkPolicy").values()]

    for each in [*workloads(manifests).values(), *of_kind(manifests, "Pod")]:
        labels = each["metadata"]["labels"] if each["kind"] == "Pod" else each["spec"]["template"]["metadata"]["labels"]
        assert len([one for one in selectors if one.items() <= labels.items()]) == 1
    for spec in named(manifests, "NetworkPolicy").values():
        assert spec["policyTypes"] == ["Ingress", "Egress"]


def test_the_receiver_is_reached_by_those_who_have_business_there(render: Render) -> None:
    web = named(render(PRODUCTION), "NetworkPolicy")["crm-hookrouter-web"]
    callers = list(allowed(web["ingress"], "from"))

    assert {port for port, _ in callers} == {"http"}
    assert {namespace(peer) for _, peer in callers} == {"", "ingress-nginx", "monitoring", "keda"}
    (here,) = [peer for _, peer in callers if not namespace(peer)]
    assert here["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "test"


def test_keda_is_let_in_only_where_it_asks_receivers(render: Render) -> None:
    asks_prometheus = render("keda-prometheus", "--set", "networkPolicy.enabled=true")
    web = named(asks_prometheus, "NetworkPolicy")["crm-hookrouter-web"]

    assert "keda" not in {namespace(peer) for _, peer in allowed(web["ingress"], "from")}


@pytest.mark.parametrize("role", ["worker", "scheduler"])
def test_workers_are_reached_by_who_scrapes_and_by_nobody_without(render: Render, role: str) -> None:
    scraped = named(render(PRODUCTION), "NetworkPolicy")[f"crm-hookrouter-{role}"]
    alone = named(render("sentinel"), "NetworkPolicy")[f"crm-hookrouter-{role}"]

    assert {(port, namespace(peer)) for port, peer in allowed(scraped["ingress"], "from")} == {
        ("metrics", "monitoring")
    }
    assert alone["ingress"] == []


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_each_process_reaches_names_redis_and_the_internet_and_no_private_network(render: Render, role: str) -> None:
    policy = named(render("sentinel"), "NetworkPolicy")[f"crm-hookrouter-{role}"]
    reached = list(allowed(policy["egress"], "to"))

    assert {port for port, peer in reached if namespace(peer) == "kube-system"} == {53}
    assert {port for port, peer in reached if namespace(peer) == "redis"} == {6379, 26379}
    outside = [(port, peer["ipBlock"]) for port, peer in reached if "ipBlock" in peer]
    assert {port for port, _ in outside} == {443, 465, 2525}
    closed = {block["cidr"]: {*block["except"]} for _, block in outside}
    assert closed.keys() == {"0.0.0.0/0", "::/0"}
    assert closed["0.0.0.0/0"] >= {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}
    assert closed["::/0"] == {"fc00::/7", "fe80::/10"}
    assert len(reached) == 2 + 2 + 3 * 2


def test_where_nothing_is_listed_nothing_is_opened(render: Render) -> None:
    """An empty list of ports would stand for all ports, as after `redisPorts: []` for a Unix socket."""
    empty = ("redisPorts=null", "dnsPeers=null", "egressPorts=null", "kedaPeers=null")
    policies = render(PRODUCTION, "--set", ",".join(f"networkPolicy.{each}" for each in empty))
    worker, web = (named(policies, "NetworkPolicy")[f"crm-hookrouter-{role}"] for role in ("worker", "web"))

    assert not worker["egress"]
    assert {namespace(peer) for _, peer in allowed(web["ingress"], "from")} == {"", "ingress-nginx", "monitoring"}


def test_the_valkey_of_trials_is_reached_by_hookrouter_alone_and_reaches_nobody(render: Render) -> None:
    manifests = render("valkey-kept")
    policy = named(manifests, "NetworkPolicy")["crm-hookrouter-valkey"]
    (server,) = [each for each in of_kind(manifests, "StatefulSet") if each["metadata"]["name"] == "crm-valkey"]
    (worker_to,) = [
        peer
        for port, peer in allowed(named(manifests, "NetworkPolicy")["crm-hookrouter-worker"]["egress"], "to")
        if port == 6379
    ]

    assert policy["podSelector"]["matchLabels"].items() <= server["spec"]["template"]["metadata"]["labels"].items()
    assert worker_to["podSelector"]["matchLabels"].items() <= server["spec"]["template"]["metadata"]["labels"].items()
    assert [port for port, _ in allowed(policy["ingress"], "from")] == [6379]
    assert policy["egress"] == []
