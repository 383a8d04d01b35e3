"""The chart, rendered by the real Helm and held against the schemas of Kubernetes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from chart_support import CHART, GIVEN, Helm, Render

from hookrouter import __version__

EVERYTHING = (
    "--set=ingress.enabled=true,ingress.host=hooks.example.com,ingress.tlsSecretName=tls,ingress.className=nginx",
    "--set=imagePullSecrets[0].name=registry,podLabels.team=sales,podAnnotations.note=text",
    "--set=worker.nodeSelector.disk=fast,worker.tolerations[0].operator=Exists",
)
SCRAPED = (
    "--set=metrics.podMonitor.enabled=true,metrics.podMonitor.labels.release=ours",
    "--set=metrics.alerts.enabled=true,metrics.dashboard.enabled=true",
)
KUBERNETES = ("1.25", "1.33", "1.37")
OF_THE_OPERATOR = "monitoring.coreos.com/v1"


def deployments(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found["spec"] for found in manifests if found["kind"] == "Deployment"}


def containers(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    pods = [spec["template"]["spec"] for spec in deployments(manifests).values()]
    return {container["name"]: container for pod in pods for container in pod["containers"]}


def test_helm_finds_nothing_to_complain_of(helm: Helm, configuration: Path) -> None:
    answer = helm("lint", "--strict", str(CHART), *GIVEN, "--set-file", f"config={configuration}")

    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("asked", [(), (*EVERYTHING, *SCRAPED)], ids=["as it comes", "with everything"])
def test_kubernetes_takes_every_manifest(render: Render, asked: tuple[str, ...], version: str) -> None:
    for manifest in render(*asked):
        if manifest["apiVersion"] == OF_THE_OPERATOR:
            continue
        kubernetes_validate.validate(manifest, version, strict=True)


def test_there_is_one_deployment_for_each_process_type(render: Render) -> None:
    commands = {name: container["command"] for name, container in containers(render()).items()}

    assert commands == {
        "web": ["hookrouter", "serve"],
        "worker": ["hookrouter", "worker"],
        "scheduler": ["hookrouter", "scheduler"],
    }


def test_pods_run_without_any_right_they_do_not_need(render: Render) -> None:
    manifests = render()

    for spec in deployments(manifests).values():
        pod = spec["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert pod["terminationGracePeriodSeconds"] == 60
        assert pod["restartPolicy"] == "Always"
    for container in containers(manifests).values():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")} == {
            "/var/lib/hookrouter",
            "/tmp",
        }


def test_secrets_come_from_secrets_alone(render: Render) -> None:
    for container in containers(render()).values():
        variables = {variable["name"]: variable for variable in container["env"]}
        assert variables["HOOKROUTER_REDIS_URL"]["valueFrom"] == {
            "secretKeyRef": {"name": "redis-of-ours", "key": "url"}
        }
        assert container["envFrom"] == [{"secretRef": {"name": "secrets-of-ours"}}]


def test_the_receiver_is_probed_and_lets_traffic_move_away_before_it_ends(render: Render) -> None:
    web = containers(render())["web"]

    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert web["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "5"]


def test_the_configuration_arrives_as_it_was_written(render: Render, configuration: Path) -> None:
    (written,) = [found["data"] for found in render() if found["kind"] == "ConfigMap"]

    assert written["hookrouter.yaml"].strip() == configuration.read_text(encoding="utf-8").strip()


def test_a_change_of_the_configuration_starts_new_pods(render: Render, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("version: 1\n", encoding="utf-8")

    def sums(*asked: str) -> set[str]:
        found = deployments(render(*asked)).values()
        return {spec["template"]["metadata"]["annotations"]["checksum/config"] for spec in found}

    assert len(sums()) == 1
    assert sums().isdisjoint(sums("--set-file", f"config={other}"))


def test_only_the_hooks_are_open_to_the_internet(render: Render) -> None:
    (ingress,) = [found["spec"] for found in render(*EVERYTHING) if found["kind"] == "Ingress"]

    assert [path["path"] for rule in ingress["rules"] for path in rule["http"]["paths"]] == ["/hooks"]


def test_every_pod_is_scraped(render: Render) -> None:
    manifests = render(*SCRAPED)
    (monitor,) = [found for found in manifests if found["kind"] == "PodMonitor"]
    ports = {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]}

    for name, spec in deployments(manifests).items():
        labels = spec["template"]["metadata"]["labels"]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items(), name
    for container in containers(manifests).values():
        variables = {one["name"]: one.get("value") for one in container["env"]}
        (port,) = [port for port in container["ports"] if port["name"] in ports]
        listens = variables["PORT"] if port["name"] == "http" else variables["HOOKROUTER_METRICS_PORT"]
        assert str(port["containerPort"]) == listens
    assert monitor["metadata"]["labels"]["release"] == "ours"


def test_the_rules_and_the_dashboard_arrive_as_they_are_in_their_files(render: Render) -> None:
    manifests = render(*SCRAPED)
    (rules,) = [found["spec"] for found in manifests if found["kind"] == "PrometheusRule"]
    (dashboard,) = [found for found in manifests if found["metadata"]["name"].endswith("-dashboard")]

    assert rules == yaml.safe_load((CHART / "alerts" / "hookrouter.yaml").read_text("utf-8"))
    assert json.loads(dashboard["data"]["hookrouter.json"]) == json.loads(
        (CHART / "dashboards" / "hookrouter.json").read_text("utf-8")
    )
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_nothing_of_an_operator_that_may_be_missing_comes_unasked(render: Render) -> None:
    assert {found["apiVersion"] for found in render()} == {"v1", "apps/v1", "policy/v1"}


def test_slack_s_buttons_are_let_through_when_that_is_said(render: Render) -> None:
    manifests = render(*EVERYTHING, "--set=ingress.slack=true")
    (ingress,) = [found["spec"] for found in manifests if found["kind"] == "Ingress"]

    assert [path["path"] for rule in ingress["rules"] for path in rule["http"]["paths"]] == ["/hooks", "/slack/actions"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "redis.secretName=r"], "config: give the text of hookrouter.yaml"),
        (["--set", "config=x"], "redis.secretName: name the Secret"),
        ([*GIVEN, "--set", "config=x", "--set", "web.replica=3"], "'replica' not allowed"),
        ([*GIVEN, "--set", "config=x", "--set", "environment.REDIS_URL=redis://h"], "REDIS_URL"),
    ],
    ids=["no configuration", "no Redis", "a misspelt value", "a Redis URL that is no secret"],
)
def test_what_is_wrong_is_said_in_one_line(helm: Helm, arguments: list[str], said: str) -> None:
    answer = helm("template", "crm", str(CHART), *arguments)

    assert answer.returncode == 1
    assert said in answer.stderr


def test_the_chart_installs_the_version_it_comes_with(render: Render) -> None:
    images = {container["image"] for container in containers(render()).values()}

    assert images == {f"hookrouter:{__version__}"}
