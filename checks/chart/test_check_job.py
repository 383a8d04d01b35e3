"""The Job that stops an install or upgrade whose configuration is broken, before anything has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chart_support import Manifest, Render, component_of, container_of, of_kind, the_only, variables

CHECKED = ("production", "restart", "secret-files-made", "existing-configmap", "trial")


def made_for_it(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {each["kind"]: each for each in manifests if component_of(each) == "check"}


def pod_of(manifests: list[Manifest]) -> Any:
    return made_for_it(manifests)["Job"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("name", CHECKED)
def test_it_runs_before_all_else_and_once(render: Render, name: str) -> None:
    found = made_for_it(render(name))
    hooks = {kind: each["metadata"]["annotations"] for kind, each in found.items()}

    assert {each["helm.sh/hook"] for each in hooks.values()} == {"pre-install,pre-upgrade"}
    assert {each["helm.sh/hook-delete-policy"] for each in hooks.values()} == {"before-hook-creation,hook-succeeded"}
    weights = {kind: int(each.get("helm.sh/hook-weight", "0")) for kind, each in hooks.items()}
    job = weights.pop("Job")
    assert all(weight < job for weight in weights.values())
    assert found["Job"]["spec"]["backoffLimit"] == 0
    (container,) = pod_of(render(name))["containers"]
    assert [*container["command"], *container["args"]] == ["hookrouter", "check", "--no-crm"]


@pytest.mark.parametrize("name", CHECKED)
def test_it_needs_nothing_of_the_release_which_is_not_there_yet(render: Render, name: str) -> None:
    manifests = render(name)
    own = {each["metadata"]["name"] for each in made_for_it(manifests).values()}
    of_the_release = {each["metadata"]["name"] for each in manifests} - own
    said = repr(pod_of(manifests))

    assert [each for each in of_the_release if f"'{each}'" in said] == []
    assert "serviceAccountName" not in pod_of(manifests)


@pytest.mark.parametrize("name", ["production", "restart", "secret-files-made", "trial"])
def test_it_checks_what_is_to_be_installed(render: Render, name: str) -> None:
    manifests = render(name)
    (installed,) = [
        each
        for each in of_kind(manifests, "ConfigMap")
        if component_of(each) != "check" and "hookrouter.yaml" in each["data"]
    ]

    assert made_for_it(manifests)["ConfigMap"]["data"] == installed["data"]


def test_a_configmap_and_secrets_of_one_s_own_are_checked_where_they_are(render: Render) -> None:
    pod = pod_of(render("existing-configmap"))

    assert made_for_it(render("existing-configmap")).keys() == {"Job"}
    assert {"name": "config", "configMap": {"name": "our-rules"}} in pod["volumes"]
    assert pod["containers"][0]["envFrom"] == [{"secretRef": {"name": "our-secrets"}}]


def test_it_fills_in_the_variables_that_the_processes_will_have(render: Render) -> None:
    for name in CHECKED:
        manifests = render(name)
        of_check, of_worker = pod_of(manifests)["containers"][0], container_of(manifests, "worker")
        ours, theirs = variables(of_check), variables(of_worker)
        assert theirs.keys() - ours.keys() <= {
            "HOOKROUTER_REDIS_URL",
            "HOOKROUTER_REDIS_URL_FILE",
            "HOOKROUTER_REDIS_CA",
            "HOOKROUTER_METRICS_PORT",
            "HOOKROUTER_WORKER_CONCURRENCY",
        }
        assert {key: theirs[key] for key in ours} == ours
    made = made_for_it(render("secret-files-made"))["Secret"]["stringData"]
    installed = [each for each in of_kind(render("secret-files-made"), "Secret") if component_of(each) != "check"]
    assert made in [each["stringData"] for each in installed]


def test_it_comes_only_where_it_was_asked_for(render: Render) -> None:
    assert made_for_it(render("minimal")) == {}
    assert the_only(render("restart", "--set", "configCheck.enabled=false"), "ConfigMap")


@pytest.mark.parametrize(
    ("edit", "code", "said"), [("", 0, "ok: 1 source"), ("to: [nobody]", 2, "hookrouter.yaml:9:59: there is no sink")]
)
def test_what_it_runs_tells_a_sound_configuration_from_a_broken_one(
    render: Render, tmp_path: Path, edit: str, code: int, said: str
) -> None:
    """With the files where the Job has them, and the environment that it has."""
    manifests = render("secret-files-made")
    made, (container,) = made_for_it(manifests), pod_of(manifests)["containers"]
    environment = {name: value.replace("/etc/", f"{tmp_path}/") for name, value in variables(container).items()}
    for folder, files in (
        ("hookrouter", made["ConfigMap"]["data"]),
        ("hookrouter-secrets", made["Secret"]["stringData"]),
    ):
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text.replace("to: [sales]", edit or "to: [sales]"), "utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", *container["command"], *container["args"]],
        env={"PATH": os.defpath, **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, said in ended.stdout) == (code, True), ended.stdout + ended.stderr
