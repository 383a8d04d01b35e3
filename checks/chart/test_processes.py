"""How the processes run: what they are probed by, how they end, where they keep what, and how they are spread."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from chart_support import (
    PRODUCTION,
    VALUE_SETS,
    Manifest,
    Render,
    container_of,
    of_kind,
    pods,
    the_only,
    variables,
    workloads,
)

from hookrouter.web.server import GRACE
from workers.leaving import LEAVE_WITHIN

Everything = dict[str, list[Manifest]]
MARGIN = 5
"""Seconds between the longest end of a process and the moment when it is killed."""


def pod_of(manifests: list[Manifest], role: str) -> Any:
    return workloads(manifests)[role]["spec"]["template"]["spec"]


@pytest.mark.parametrize("name", VALUE_SETS)
def test_each_pod_is_given_the_time_that_its_process_takes_to_end(render: Render, name: str) -> None:
    manifests = render(name)
    (_, slept) = container_of(manifests, "web")["lifecycle"]["preStop"]["exec"]["command"]

    assert pod_of(manifests, "web")["terminationGracePeriodSeconds"] >= int(slept) + GRACE + MARGIN
    assert pod_of(manifests, "worker")["terminationGracePeriodSeconds"] >= LEAVE_WITHIN + MARGIN


@pytest.mark.parametrize("name", ["minimal", "service-monitor"])
def test_each_process_is_probed_and_scraped_where_it_listens(render: Render, name: str) -> None:
    manifests = render(name)

    for role in ("web", "worker", "scheduler"):
        container = container_of(manifests, role)
        (port,) = container["ports"]
        environment = variables(container)
        listens = environment["PORT"] if role == "web" else environment["HOOKROUTER_METRICS_PORT"]
        assert str(port["containerPort"]) == listens
        assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
        assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": port["name"]}


def test_only_the_receiver_lets_traffic_move_away_before_it_ends(render: Render) -> None:
    manifests = render("minimal")

    assert container_of(manifests, "web")["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    assert "lifecycle" not in container_of(manifests, "worker")


def test_each_receiver_has_a_volume_of_its_own_that_outlives_it(render: Render) -> None:
    web = workloads(render("minimal"))["web"]
    (claim,) = web["spec"]["volumeClaimTemplates"]

    assert web["kind"] == "StatefulSet"
    assert web["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    governing = [each for each in of_kind(render("minimal"), "Service") if each["spec"].get("clusterIP") == "None"]
    assert [each["metadata"]["name"] for each in governing] == [web["spec"]["serviceName"]]


def test_a_volume_is_as_it_was_asked_for(render: Render) -> None:
    (claim,) = workloads(render("managed-redis"))["web"]["spec"]["volumeClaimTemplates"]

    assert claim["metadata"]["annotations"] == {"backup": "daily"}
    assert claim["spec"]["storageClassName"] == ""
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_two_receivers_never_share_a_volume(everything: Everything) -> None:
    """An update that starts the next one before the former is gone would have two on one, or wait for ever."""
    shared = 0
    for manifests in everything.values():
        for each in of_kind(manifests, "Deployment"):
            volumes = each["spec"]["template"]["spec"]["volumes"]
            if any("persistentVolumeClaim" in volume for volume in volumes):
                shared += 1
                assert each["spec"]["strategy"] == {"type": "Recreate"}
                assert each["spec"]["replicas"] == 1
    assert shared == 1


def test_what_a_pod_keeps_on_its_node_is_bounded(everything: Everything, render: Render) -> None:
    """Without a bound one that runs wild fills the node, and others are evicted."""
    for name, manifests in everything.items():
        bounds = [
            volume["emptyDir"].get("sizeLimit")
            for each in (*workloads(manifests).values(), *of_kind(manifests, "Pod", "Job"))
            for volume in (each["spec"] if each["kind"] == "Pod" else each["spec"]["template"]["spec"])["volumes"]
            if "emptyDir" in volume
        ]
        assert bounds
        assert None not in bounds, name
    unbound = pod_of(render("minimal", "--set", "emptyDirSizeLimit="), "worker")["volumes"]
    assert [each["emptyDir"] for each in unbound if "emptyDir" in each] == [{}, {}]


def test_receivers_without_a_volume_are_replaced_one_after_the_other(render: Render) -> None:
    web = workloads(render("hpa"))["web"]

    assert web["kind"] == "Deployment"
    assert web["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_what_runs_several_times_is_spread_and_kept_from_being_evicted_at_once(render: Render) -> None:
    manifests = render(PRODUCTION)

    assert [each["metadata"]["name"] for each in of_kind(manifests, "PodDisruptionBudget")] == [
        "crm-hookrouter-web",
        "crm-hookrouter-worker",
    ]
    for role in ("web", "worker"):
        spread = pod_of(manifests, role)["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
        assert {each["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] for each in spread} == {role}


def test_what_runs_once_may_be_evicted(render: Render) -> None:
    assert of_kind(render("one-receiver"), "PodDisruptionBudget") == []
    assert {each["metadata"]["name"] for each in of_kind(render("hpa"), "PodDisruptionBudget")} == {
        "crm-hookrouter-worker"
    }


def test_pods_go_where_they_are_told_to(render: Render) -> None:
    production, extras = render(PRODUCTION), render("extras")

    assert pod_of(production, "web")["priorityClassName"] == "receives-pushes"
    assert pod_of(production, "worker")["priorityClassName"] == "usual"
    assert pod_of(production, "worker")["nodeSelector"] == {"disk": "fast"}
    assert pod_of(production, "worker")["tolerations"] == [{"key": "dedicated", "operator": "Exists"}]
    assert "nodeAffinity" in pod_of(extras, "web")["affinity"]
    assert [each["maxSkew"] for each in pod_of(extras, "worker")["topologySpreadConstraints"]] == [2]


def test_what_is_given_besides_arrives(render: Render) -> None:
    manifests = render("extras")
    worker = container_of(manifests, "worker")

    assert variables(worker)["HOOKROUTER_LOG_REDACT"] == "by,reason"
    assert variables(worker)["NODE"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}
    assert "GUNICORN_CMD_ARGS" in variables(container_of(manifests, "web"))
    assert {"configMapRef": {"name": "more"}} in worker["envFrom"]
    assert "/etc/authorities" in {mount["mountPath"] for mount in worker["volumeMounts"]}
    assert [each["name"] for each in pod_of(manifests, "worker")["containers"]] == ["worker", "beside"]
    assert [each["name"] for each in pod_of(manifests, "scheduler")["initContainers"]] == ["beside"]
    assert "crm-hookrouter-more" in {each["metadata"]["name"] for each in of_kind(manifests, "ConfigMap")}


def test_names_labels_and_the_account_are_those_that_were_given(render: Render) -> None:
    manifests = render("names")

    assert {each["metadata"]["name"] for each in manifests} == {
        "leads",
        "leads-web",
        "leads-worker",
        "leads-scheduler",
        "leads-test",
    }
    for each in manifests:
        assert each["metadata"]["labels"]["owner"] == "crm"
        assert each["metadata"]["annotations"]["contact"] == "crm@example.com"
    assert {pod["serviceAccountName"] for _, pod in pods(manifests)} == {"leads"}
    assert of_kind(manifests, "ServiceAccount") == []


def test_pods_run_as_a_user_of_their_own_unless_the_cluster_is_to_choose(render: Render) -> None:
    ours, theirs = pod_of(render("minimal"), "web"), pod_of(render("names"), "web")

    assert [ours["securityContext"][name] for name in ("runAsUser", "runAsGroup", "fsGroup")] == [10001] * 3
    assert not {"runAsUser", "runAsGroup", "fsGroup"} & theirs["securityContext"].keys()


def test_names_are_short_enough_for_all_that_is_made_of_them(render: Render) -> None:
    """A StatefulSet's pods bear its name and a hash of eleven characters in a label, which holds 63."""
    for long in ({"fullnameOverride": 48 * "a"}, {"nameOverride": 50 * "a"}):
        (given,) = (f"{name}={value}" for name, value in long.items())
        for each in render("valkey-kept", "--set", given):
            assert len(each["metadata"]["name"]) <= (52 if each["kind"] == "StatefulSet" else 63)


def test_the_image_is_the_one_that_was_pinned(render: Render) -> None:
    pinned = "registry.example.com/crm/hookrouter@sha256:" + 64 * "1"

    assert {container_of(render(PRODUCTION), role)["image"] for role in ("web", "worker", "scheduler")} == {pinned}
    assert pod_of(render(PRODUCTION), "web")["imagePullSecrets"] == [{"name": "registry"}]


def test_a_tag_beside_a_digest_is_told_and_the_digest_counts(render: Render) -> None:
    pinned = container_of(render(PRODUCTION, "--set", "image.tag=1.2.3"), "web")["image"]

    assert pinned == f"registry.example.com/crm/hookrouter:1.2.3@sha256:{64 * '1'}"


def test_no_two_schedulers_of_different_wishes_run_side_by_side(render: Render) -> None:
    """One of them would want the former number of streams, and the other the next."""
    assert workloads(render("minimal"))["scheduler"]["spec"]["strategy"] == {"type": "Recreate"}


def test_a_second_scheduler_is_not_lost_with_the_first_one_s_node(render: Render) -> None:
    one, two = render("minimal"), render("minimal", "--set", "scheduler.replicas=2")

    assert "topologySpreadConstraints" not in pod_of(one, "scheduler")
    (spread,) = pod_of(two, "scheduler")["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    assert spread["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "scheduler"


def test_what_all_pods_are_to_have_the_short_lived_have_too(render: Render) -> None:
    for each in of_kind(render(PRODUCTION), "Deployment", "StatefulSet", "Pod", "Job"):
        pod = each if each["kind"] == "Pod" else each["spec"]["template"]
        assert pod["metadata"]["labels"]["team"] == "sales", each["metadata"]["name"]
        assert pod["metadata"]["annotations"]["note"] == "text", each["metadata"]["name"]
        assert pod["spec"]["priorityClassName"] in {"usual", "receives-pushes"}


def test_the_test_of_the_release_checks_the_configuration_and_asks_a_receiver_of_all(render: Render) -> None:
    manifests = render("minimal")
    test = the_only(manifests, "Pod")
    (check,), (probe,) = test["spec"]["initContainers"], test["spec"]["containers"]

    assert test["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert [*check["command"], *check["args"]] == ["hookrouter", "check", "--no-crm"]
    assert variables(check)["HOOKROUTER_CONFIG"] == variables(container_of(manifests, "web"))["HOOKROUTER_CONFIG"]
    assert check["envFrom"] == container_of(manifests, "web")["envFrom"]
    assert probe["args"][1:] == [f"http://crm-hookrouter.leads.svc:80/{path}" for path in ("readyz", "health")]


@pytest.mark.parametrize(("health", "code"), [(200, 0), (503, 1)])
def test_the_test_of_the_release_fails_where_nothing_would_be_delivered(render: Render, health: int, code: int) -> None:
    (probe,) = the_only(render("minimal"), "Pod")["spec"]["containers"]

    class Receiver(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(health if self.path == "/health" else 200)
            self.end_headers()
            self.wfile.write(b"{}")

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_address[1]}"
        script, *urls = (text.replace("http://crm-hookrouter.leads.svc:80", here) for text in probe["args"])
        ended = subprocess.run([sys.executable, "-c", script, *urls], capture_output=True, text=True, check=False)
        server.shutdown()

    assert ended.returncode == code, ended.stderr
    assert f"{here}/health {health} {{}}" in ended.stdout
    assert ("hookrouter status" in ended.stderr) is (code == 1)
