"""What holds for every value set: the real Helm takes it, Kubernetes takes what comes of it, and the product does."""

from __future__ import annotations

import re
from base64 import b64decode
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_support import CHART, VALUE_SETS, Helm, Manifest, containers, of_kind, pods, values_of, variables, workloads
from kubernetes_schemas import KUBERNETES, faults_of

from hookrouter import __version__
from hookrouter.config.load import load_config
from hookrouter.config.settings import VARIABLES
from hookrouter.sinks.registry import load_sink_types

Everything = dict[str, list[Manifest]]
LEAST_SETS = 12
LINTED = ("production", "gateway", "service-monitor", "trial")
"""Between them every kind of object comes."""
SECRETS = {
    "CRM_PUSH_TOKEN": "of-the-test-alone-0123456789",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
}
HARMLESS_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def test_there_are_enough_of_them() -> None:
    assert len(VALUE_SETS) >= LEAST_SETS


def test_helm_finds_nothing_to_complain_of_or_to_recommend(helm: Helm, everything: Everything) -> None:
    kinds = {name: {each["kind"] for each in manifests} for name, manifests in everything.items()}
    assert set().union(*(kinds[name] for name in LINTED)) == set().union(*kinds.values())

    for name in LINTED:
        answer = helm("lint", "--strict", str(CHART), "-f", values_of(name))
        assert answer.returncode == 0, answer.stdout
        assert re.findall(r"^\[[A-Z]+\] .*", answer.stdout, re.MULTILINE) == []


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_and_its_operators_take_every_manifest(everything: Everything, version: str) -> None:
    different = {repr(manifest): manifest for manifests in everything.values() for manifest in manifests}

    faults = {text[:200]: found for text, manifest in different.items() if (found := faults_of(manifest, version))}

    assert faults == {}


def test_a_misspelt_field_is_found_in_each_kind(everything: Everything) -> None:
    kinds = {(each["apiVersion"], each["kind"]): each for found in everything.values() for each in found}

    for (_, kind), manifest in kinds.items():
        part = "spec" if "spec" in manifest else "metadata"
        assert faults_of({**manifest, part: {**manifest[part], "misspelt": 1}}, KUBERNETES[-1]), kind


def test_names_are_used_once_and_labels_find_what_they_are_to_find(everything: Everything) -> None:
    for name, manifests in everything.items():
        names = [(each["kind"], each["metadata"]["name"]) for each in manifests]
        assert len(names) == len(set(names)), name
        for each in of_kind(manifests, "Deployment", "StatefulSet"):
            labels = each["spec"]["template"]["metadata"]["labels"]
            assert each["spec"]["selector"]["matchLabels"].items() <= labels.items()
        every_pod = [
            each["spec"]["template"]["metadata"]["labels"] for each in of_kind(manifests, "Deployment", "StatefulSet")
        ]
        for service in of_kind(manifests, "Service"):
            assert any(service["spec"]["selector"].items() <= labels.items() for labels in every_pod), name
        for budget in of_kind(manifests, "PodDisruptionBudget"):
            found = [
                labels for labels in every_pod if budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
            ]
            assert len(found) == 1, name


def test_every_pod_is_held_by_the_profile_restricted_of_pod_security(everything: Everything) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, row by row."""
    for manifests in everything.values():
        for name, pod in pods(manifests):
            assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
            whole = pod["securityContext"]
            assert whole["runAsNonRoot"] is True
            assert whole.get("runAsUser", 1) > 0
            assert whole["seccompProfile"]["type"] == "RuntimeDefault"
            assert not {"sysctls", "seLinuxOptions", "windowsOptions"} & whole.keys()
            assert {kind for volume in pod["volumes"] for kind in volume if kind != "name"} <= HARMLESS_VOLUMES
            for container in containers(pod):
                own = container["securityContext"]
                assert own["allowPrivilegeEscalation"] is False, container["name"]
                assert own["capabilities"] == {"drop": ["ALL"]}
                assert not own.get("privileged")
                assert own.get("runAsNonRoot", True)
                assert not any("hostPort" in port for port in container.get("ports", []))


def test_pods_of_ours_write_nowhere_but_in_their_data_and_are_given_no_token(everything: Everything) -> None:
    for manifests in everything.values():
        for _, pod in pods(manifests):
            assert pod["automountServiceAccountToken"] is False
            for container in pod["containers"]:
                if container["name"] in {"web", "worker", "scheduler", "valkey"}:
                    assert container["securityContext"]["readOnlyRootFilesystem"] is True
                    writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
                    assert writable <= {"/var/lib/hookrouter", "/tmp", "/data"}


def test_every_volume_that_is_mounted_is_there(everything: Everything) -> None:
    for name, manifests in everything.items():
        claimed = {
            template["metadata"]["name"]
            for each in of_kind(manifests, "StatefulSet")
            for template in each["spec"].get("volumeClaimTemplates", [])
        }
        for pod_name, pod in pods(manifests):
            there = [volume["name"] for volume in pod["volumes"]]
            assert len(there) == len(set(there)), pod_name
            for container in containers(pod):
                mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
                assert mounted <= {*there, *claimed}, (name, pod_name)


def test_the_product_knows_every_variable_that_the_chart_sets(everything: Everything) -> None:
    known = {name for variable in VARIABLES for name in variable.names}
    known |= {f"{name}_FILE" for variable in VARIABLES if variable.may_be_in_file for name in variable.names}
    for manifests in everything.values():
        for _, pod in pods(manifests):
            for container in containers(pod):
                set_here = {each["name"] for each in container.get("env", []) if each["name"].startswith("HOOKROUTER_")}
                assert set_here - known == set()


def test_no_secret_stands_in_anything_but_a_secret(everything: Everything) -> None:
    for name, manifests in everything.items():
        given = yaml.safe_load(Path(values_of(name)).read_text("utf-8"))
        secrets = [*given["secrets"].get("values", {}).values(), given.get("redis", {}).get("url")]
        rest = repr([each for each in manifests if each["kind"] != "Secret"])
        assert [secret for secret in secrets if secret and secret in rest] == []


def test_hookrouter_check_takes_the_configuration_of_every_configmap(everything: Everything, tmp_path: Path) -> None:
    schemas = {name: kind.schema for name, kind in load_sink_types().items()}
    checked = set()
    for name, manifests in everything.items():
        for number, configmap in enumerate(of_kind(manifests, "ConfigMap")):
            if "hookrouter.yaml" not in configmap["data"]:
                continue
            folder = tmp_path / f"{name}-{number}"
            mount(folder, configmap["data"])
            config = load_config(folder / "hookrouter.yaml", SECRETS, schemas)
            assert [route.name for route in config.routes if route.name == "hot-lead"] == ["hot-lead"], name
            assert len(config.files) == len(configmap["data"])
            checked.add(name)
    assert {*VALUE_SETS} - checked == {"existing-configmap"}  # which brings one of its own


def mount(folder: Path, files: dict[str, str]) -> None:
    """Lay files down as kubelet does: links into `..data`, itself a link to a folder that is replaced as a whole."""
    version = folder / "..2026_11_27_18_00_00"
    version.mkdir(parents=True)
    (folder / "..data").symlink_to(version.name)
    for name, text in files.items():
        (version / name).write_text(text, encoding="utf-8")
        (folder / name).symlink_to(f"..data/{name}")


def test_the_chart_installs_the_version_of_hookrouter_that_it_comes_with(everything: Everything) -> None:
    images = {containers(pod)[-1]["image"] for _, pod in pods(everything["minimal"])}

    assert images == {f"hookrouter:{__version__}"}


def test_the_chart_s_picture_is_the_console_s() -> None:
    (kind, _, picture) = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))["icon"].partition(",")

    assert kind == "data:image/svg+xml;base64"
    assert b64decode(picture) == files("hookrouter").joinpath("web", "console", "static", "icon.svg").read_bytes()


def test_every_image_is_of_a_version(everything: Everything) -> None:
    for manifests in everything.values():
        for _, pod in pods(manifests):
            for container in containers(pod):
                assert re.search(r"(:[0-9][\w.-]*|@sha256:[0-9a-f]{64})$", container["image"]), container["image"]


def test_every_process_type_runs_in_every_set(everything: Everything) -> None:
    for manifests in everything.values():
        commands: dict[str, Any] = {
            role: each["spec"]["template"]["spec"]["containers"][0]["command"]
            for role, each in workloads(manifests).items()
        }
        assert commands == {
            "web": ["hookrouter", "serve"],
            "worker": ["hookrouter", "worker"],
            "scheduler": ["hookrouter", "scheduler"],
        }
        for each in workloads(manifests).values():
            assert variables(each["spec"]["template"]["spec"]["containers"][0])["HOOKROUTER_CONFIG"]
