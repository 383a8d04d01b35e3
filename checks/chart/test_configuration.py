"""How the configuration, secrets and the address of Redis get into the pods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_support import Manifest, Render, container_of, of_kind, the_only, values_of, variables, workloads

ROLES = ("web", "worker", "scheduler")


def annotations(manifests: list[Manifest], role: str) -> dict[str, str]:
    return dict(workloads(manifests)[role]["spec"]["template"]["metadata"]["annotations"])


def volumes(manifests: list[Manifest], role: str) -> dict[str, Any]:
    found = workloads(manifests)[role]["spec"]["template"]["spec"]["volumes"]
    return {volume["name"]: volume for volume in found}


def test_the_configuration_arrives_as_it_was_written(render: Render) -> None:
    given = yaml.safe_load(Path(values_of("restart")).read_text("utf-8"))

    written = the_only(render("restart"), "ConfigMap")["data"]

    assert {name: text.strip() for name, text in written.items()} == {
        "hookrouter.yaml": given["config"].strip(),
        **{name: text.strip() for name, text in given["configFiles"].items()},
    }


@pytest.mark.parametrize("name", ["minimal", "restart", "existing-configmap", "secret-files", "sentinel"])
def test_what_may_be_edited_is_mounted_as_a_folder(render: Render, name: str) -> None:
    """A file that is mounted by itself (subPath) stays as it was at the start."""
    for role in ROLES:
        container = container_of(render(name), role)
        assert not any("subPath" in mount for mount in container["volumeMounts"])
        (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "config"]
        assert f"{mount['mountPath']}/hookrouter.yaml" == variables(container)["HOOKROUTER_CONFIG"]


def test_an_edit_leaves_pods_alone_that_take_it_up_themselves(render: Render) -> None:
    before, after = render("minimal"), render("minimal", "--set", "config=version: 1")
    sums = [the_only(each, "ConfigMap")["metadata"]["annotations"]["checksum/config"] for each in (before, after)]

    assert sums[0] != sums[1]
    for role in ROLES:
        assert workloads(before)[role] == workloads(after)[role]


@pytest.mark.parametrize("edit", ["config=version: 1", "configFiles.routes-sales\\.yaml=routes: []"])
def test_an_edit_starts_new_pods_where_that_was_asked_for(render: Render, edit: str) -> None:
    before, after, same = (
        render("restart"),
        render("restart", "--set", edit),
        render("restart", "--set", "logLevel=info"),
    )

    for role in ROLES:
        was, now = annotations(before, role)["checksum/config"], annotations(after, role)["checksum/config"]
        assert was != now
        assert annotations(same, role)["checksum/config"] == was


@pytest.mark.parametrize(
    "edit", ["secrets.values.CRM_PUSH_TOKEN=another-0123456789", "redis.url=redis://elsewhere:6379/0"]
)
def test_a_secret_that_the_chart_makes_starts_new_pods_when_it_changes(render: Render, edit: str) -> None:
    before, after = render("secret-files-made"), render("secret-files-made", "--set", edit)

    for role in ROLES:
        assert annotations(before, role)["checksum/secrets"] != annotations(after, role)["checksum/secrets"]
    assert "checksum/secrets" not in annotations(render("minimal"), "web")


def test_another_password_starts_the_valkey_of_trials_anew_and_all_who_ask_it(render: Render) -> None:
    edit = "valkey.auth.password=another-of-a-trial-0123"
    before, after = (
        {
            each["metadata"]["name"]: each["spec"]["template"]["metadata"]["annotations"]
            for each in of_kind(manifests, "Deployment", "StatefulSet")
        }
        for manifests in (render("trial"), render("trial", "--set", edit))
    )

    assert before.keys() == after.keys() == {"crm-valkey", *(f"crm-hookrouter-{role}" for role in ROLES)}
    assert [name for name in before if before[name] == after[name]] == []
    assert render("trial", "--set", "logFormat=json") == render("trial")


def test_a_configmap_of_one_s_own_is_taken_instead(render: Render) -> None:
    manifests = render("existing-configmap")

    assert of_kind(manifests, "ConfigMap") == []
    assert volumes(manifests, "web")["config"]["configMap"] == {"name": "our-rules"}


def test_secrets_of_one_s_own_become_variables(render: Render) -> None:
    manifests = render("minimal")

    for role in ROLES:
        container = container_of(manifests, role)
        assert variables(container)["HOOKROUTER_REDIS_URL"] == {"secretKeyRef": {"name": "our-redis", "key": "url"}}
        assert container["envFrom"] == [{"secretRef": {"name": "our-secrets"}}]
    assert of_kind(manifests, "Secret") == []


@pytest.mark.parametrize(
    ("name", "secret", "redis", "keys"),
    [
        (
            "secret-files",
            "our-secrets",
            {"secretName": "our-redis", "defaultMode": 0o440, "items": [{"key": "url", "path": "url"}]},
            {"CRM_PUSH_TOKEN", "SLACK_WEBHOOK_URL", "HOOKROUTER_ADMIN_TOKEN"},
        ),
        (
            "secret-files-made",
            "crm-hookrouter-secrets",
            {"secretName": "crm-hookrouter-redis", "defaultMode": 0o440, "items": [{"key": "url", "path": "url"}]},
            {"CRM_PUSH_TOKEN", "SLACK_WEBHOOK_URL"},
        ),
    ],
)
def test_secrets_become_files_where_that_was_asked_for(
    render: Render, name: str, secret: str, redis: object, keys: set[str]
) -> None:
    manifests = render(name)

    for role in ROLES:
        container = container_of(manifests, role)
        environment = variables(container)
        assert "envFrom" not in container
        assert not any(isinstance(value, dict) for value in environment.values())
        assert {f"{key}_FILE" for key in keys} | {"HOOKROUTER_REDIS_URL_FILE"} == {
            variable for variable in environment if variable.endswith("_FILE")
        }
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert environment["CRM_PUSH_TOKEN_FILE"] == f"{mounts['secrets']}/CRM_PUSH_TOKEN"
        assert environment["HOOKROUTER_REDIS_URL_FILE"] == f"{mounts['redis']}/url"
        assert volumes(manifests, role)["secrets"]["secret"] == {"secretName": secret, "defaultMode": 0o440}
        assert volumes(manifests, role)["redis"]["secret"] == redis


def test_secrets_are_made_of_values_for_a_trial(render: Render) -> None:
    made = {each["metadata"]["name"]: each["stringData"] for each in of_kind(render("trial"), "Secret")}

    assert made["crm-hookrouter-secrets"]["HOOKROUTER_ADMIN_TOKEN"] == "of-a-trial-0123456789"
    assert container_of(render("trial"), "web")["envFrom"] == [{"secretRef": {"name": "crm-hookrouter-secrets"}}]


@pytest.mark.parametrize(
    ("name", "source", "file"),
    [
        ("production", {"secret": {"secretName": "our-redis-ca"}}, "ca.crt"),
        ("sentinel", {"configMap": {"name": "our-authority"}}, "authority.pem"),
    ],
)
def test_the_authority_of_redis_is_mounted_where_it_is_looked_for(
    render: Render, name: str, source: dict[str, Any], file: str
) -> None:
    manifests = render(name)

    for role in ROLES:
        container = container_of(manifests, role)
        (mount,) = [each for each in container["volumeMounts"] if each["name"] == "redis-ca"]
        assert variables(container)["HOOKROUTER_REDIS_CA"] == f"{mount['mountPath']}/{file}"
        assert source.items() <= volumes(manifests, role)["redis-ca"].items()


def test_all_processes_have_the_same_idea_of_redis(render: Render) -> None:
    for name in ("sentinel", "managed-redis", "production"):
        common = [
            {key: value for key, value in variables(container_of(render(name), role)).items() if "METRICS" not in key}
            for role in ROLES
        ]
        for environment in common:
            environment.pop("WEB_CONCURRENCY", None)
            environment.pop("HOOKROUTER_WORKER_CONCURRENCY", None)
        assert common[0] == common[1] == common[2]
    assert variables(container_of(render("sentinel"), "worker"))["HOOKROUTER_KEY_PREFIX"] == "crm"
    assert variables(container_of(render("managed-redis"), "worker"))["HOOKROUTER_REDIS_DURABILITY"] == "everysec"
    assert variables(container_of(render("production"), "worker"))["HOOKROUTER_WORKER_CONCURRENCY"] == "512"


def test_the_valkey_of_trials_keeps_what_it_acknowledged_and_evicts_nothing(render: Render) -> None:
    for name in ("trial", "valkey-kept"):
        manifests = render(name)
        (secret,) = [each for each in of_kind(manifests, "Secret") if each["metadata"]["name"] == "crm-valkey"]
        lines = secret["stringData"]["valkey.conf"].splitlines()
        assert {"appendonly yes", "appendfsync always", "maxmemory-policy noeviction", "maxmemory 256mb"} <= {*lines}
        password = secret["stringData"]["password"]
        assert len(password) >= 16
        assert f'requirepass "{password}"' in lines
        assert secret["stringData"]["url"] == f"redis://:{password}@crm-valkey.leads.svc:6379/0"
        assert variables(container_of(manifests, "web"))["HOOKROUTER_REDIS_URL"] == {
            "secretKeyRef": {"name": "crm-valkey", "key": "url"}
        }
    assert [each for each in render("minimal") if "valkey" in each["metadata"]["name"]] == []


def test_the_valkey_of_trials_has_a_volume_unless_nothing_is_to_be_kept(render: Render) -> None:
    def valkey(name: str) -> Any:
        (found,) = [each for each in of_kind(render(name), "StatefulSet") if each["metadata"]["name"] == "crm-valkey"]
        return found["spec"]

    assert [claim["metadata"]["name"] for claim in valkey("valkey-kept")["volumeClaimTemplates"]] == ["data"]
    assert "volumeClaimTemplates" not in valkey("trial")
