"""What people are told: the notes after an install, the README's table, and the documentation's commands."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_support import CHART, VALUE_SETS, Helm, Install, Render, of_kind, workloads
from values_table import table, written

from hookrouter.cli.main import COMMANDS

GUIDE = CHART.parent / "docs" / "kubernetes.md"


@pytest.fixture(scope="session")
def notes(install: Install) -> dict[str, str]:
    """What Helm says after an install, by value set."""
    return {name: install(name).notes for name in VALUE_SETS}


@pytest.mark.parametrize("name", VALUE_SETS)
def test_the_notes_tell_three_next_steps(notes: dict[str, str], name: str) -> None:
    steps = re.findall(r"^(\d)\. (.*)$", notes[name], re.MULTILINE)

    assert [number for number, _ in steps] == ["1", "2", "3"]
    assert "<no value>" not in notes[name]
    assert "\n\n\n" not in notes[name].strip()
    assert "of-a-trial" not in notes[name]
    assert set(re.findall(r"-- hookrouter ([a-z-]+)", notes[name])) <= {*COMMANDS}


def test_the_notes_know_where_the_hook_is_and_where_its_token_stands(notes: dict[str, str]) -> None:
    token = "get secret our-secrets -o jsonpath='{.data.CRM_PUSH_TOKEN}' | base64 -d"

    assert "https://hooks.example.com/hooks/crm/$TOKEN" in notes["production"]
    assert "https://hooks.example.com/hooks/crm/$TOKEN" in notes["gateway"]
    assert "http://crm-hookrouter.leads.svc:80/hooks/crm/$TOKEN" in notes["minimal"]
    assert "http://crm-hookrouter.leads.svc:80/hooks/SOURCE/TOKEN" in notes["existing-configmap"]
    assert token in notes["production"]
    assert "hookrouter subscribe" in notes["production"]


def test_the_notes_know_how_the_console_is_opened(notes: dict[str, str]) -> None:
    assert "https://hookrouter.corp.example.com/console/" in notes["production"]
    assert "https://hookrouter.corp.example.com/console/" in notes["gateway"]
    assert "port-forward service/crm-hookrouter 8080:80" in notes["minimal"]
    assert "(in the Secret our-secrets)" in notes["minimal"]


def test_the_notes_warn_of_what_is_for_trials_alone(notes: dict[str, str]) -> None:
    assert notes["trial"].count("WARNING") == 3
    assert notes["hpa"].count("WARNING") == 1
    assert notes["production"].count("WARNING") == 0


def test_the_notes_warn_of_volumes_that_go_with_pushes_on_them(notes: dict[str, str], install: Install) -> None:
    scaled = install("minimal", "--set", "web.spool.whenScaled=Delete").notes

    assert "(web.spool.whenScaled=Delete)" in scaled
    assert "(web.spool.whenDeleted=Delete)" in notes["managed-redis"]
    assert notes["managed-redis"].count("WARNING") == scaled.count("WARNING") == 1


def test_the_notes_warn_of_what_nobody_does_while_there_is_no_pod_for_it(install: Install) -> None:
    without = install("minimal", "--set", "web.replicas=0,worker.replicas=0,scheduler.replicas=0")

    assert re.findall(r"^WARNING: while (\w+)\.replicas is 0, \w+", without.notes, re.MULTILINE) == [
        "scheduler",
        "web",
        "worker",
    ]
    assert {each["spec"]["replicas"] for each in workloads(without.manifests).values()} == {0}


def test_the_notes_tell_how_an_edit_takes_effect(notes: dict[str, str]) -> None:
    assert "An edit of the ConfigMap our-rules is taken up by the running pods" in notes["existing-configmap"]
    assert "starts new pods" in notes["restart"]


def test_every_value_has_a_row_with_its_default() -> None:
    assert written() == table(), "renew it: python checks/chart/values_table.py"


def parts_of(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, part in schema.get("properties", {}).items():
        yield f"{path}/{name}", part
        yield from parts_of(part, f"{path}/{name}")


@pytest.mark.parametrize("chart", [CHART, CHART / "charts" / "valkey"], ids=["hookrouter", "valkey"])
def test_every_value_is_described_and_no_other_is_let_through(chart: Path) -> None:
    schema = json.loads((chart / "values.schema.json").read_text("utf-8"))
    parts = [(path, part) for path, part in parts_of(schema) if not path.startswith("/secrets/values/")]

    assert [path for path, part in parts if not part.get("description", "").endswith(".")] == []
    open_to_all = {path for path, part in parts if "properties" in part and part.get("additionalProperties") is None}
    assert open_to_all <= {"/valkey"}  # its own schema judges them
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("chart", [CHART, CHART / "charts" / "valkey"], ids=["hookrouter", "valkey"])
def test_every_value_of_the_schema_has_a_default(chart: Path) -> None:
    schema = json.loads((chart / "values.schema.json").read_text("utf-8"))
    defaults = yaml.safe_load((chart / "values.yaml").read_text("utf-8"))

    missing = schema["properties"].keys() - defaults.keys()

    assert missing <= {"global", "enabled"}
    for name, part in schema["properties"].items():
        if name in defaults and part.get("additionalProperties") is False and "properties" in part:
            assert part["properties"].keys() == defaults[name].keys(), name


def test_the_guide_s_first_install_works_and_makes_what_the_guide_names(helm: Helm, tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8")
    (command,) = re.findall(r"helm install (hookrouter \./helm .*?)\n   helm test", text, re.DOTALL)
    (configuration,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "hookrouter.yaml").write_text(textwrap.dedent(configuration), encoding="utf-8")
    given = command.replace("\\\n", " ").replace("./helm", str(CHART)).split()
    given = [each.replace("hookrouter.yaml", str(tmp_path / "hookrouter.yaml")) for each in given if each != "--wait"]

    answer = helm("template", *(each for each in given if each != "--create-namespace"))

    assert answer.returncode == 0, answer.stderr
    made = {f"{each['kind'].lower()}/{each['metadata']['name']}" for each in yaml.safe_load_all(answer.stdout) if each}
    named = set(re.findall(r"\b((?:service|statefulset|deployment|configmap)[ /]hookrouter[\w-]*)", text))
    assert {each.replace(" ", "/") for each in named} <= made
    assert 'image: "registry.example.com/hookrouter:0.1.0"' in answer.stdout


def test_the_guide_grows_the_volumes_of_receivers_and_no_others(render: Render) -> None:
    (selector,) = re.findall(r"^claims=(.*)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    asked = dict(part.split("=") for part in selector.replace("instance=hookrouter", "instance=crm").split(","))
    found = [
        each["metadata"]["name"]
        for each in of_kind(render("valkey-kept"), "StatefulSet")
        for claim in each["spec"]["volumeClaimTemplates"]
        if asked.items() <= claim["metadata"]["labels"].items()
    ]

    assert found == ["crm-hookrouter-web"]
