"""What is given comes out as it was given, and what is left empty as if it had not been named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_support import CHART, Helm, Render, pods, the_only, values_of, workloads

DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
MAY_GO = ("Probe", "SecurityContext", "resources", "behavior", "targetCPUUtilizationPercentage", "emptyDirSizeLimit")
"""What is left to Kubernetes where it is taken away."""
FIRST_LINES_SET_IN = (
    "  # a comment\nversion: 1\n",
    "\n\n    \nversion: 1\n",
    "  version: 1\n",
)


@pytest.mark.parametrize("text", FIRST_LINES_SET_IN)
def test_a_text_comes_out_as_it_was_given_however_it_begins(render: Render, tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text, "utf-8")

    files = (f"config={tmp_path}/file", rf"configFiles.more\.yaml={tmp_path}/file")
    made = render("minimal", *(each for file in files for each in ("--set-file", file)))

    assert the_only(made, "ConfigMap")["data"] == {"hookrouter.yaml": text, "more.yaml": text}


def test_a_label_that_is_given_twice_stands_once_and_the_nearest_one_holds(helm: Helm) -> None:
    labels = "commonLabels.team=all,podLabels.team=pods,worker.podLabels.team=workers"
    monitor = "metrics.podMonitor.enabled=true,metrics.podMonitor.labels.team=monitors"
    answer = helm("template", "crm", str(CHART), "-f", values_of("minimal"), "--set", f"{labels},{monitor}")

    made = [each for each in yaml.load_all(answer.stdout, NothingTwice) if each]

    teams = {role: each["spec"]["template"]["metadata"]["labels"]["team"] for role, each in workloads(made).items()}
    assert teams == {"web": "pods", "worker": "workers", "scheduler": "pods"}
    assert the_only(made, "PodMonitor")["metadata"]["labels"]["team"] == "monitors"
    assert {each["metadata"]["labels"]["team"] for each in workloads(made).values()} == {"all"}


class NothingTwice(yaml.SafeLoader):
    """A reader that refuses a map in which a key stands twice; PyYAML's own takes the last."""

    def nothing_twice(self, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), node.start_mark
        return self.construct_mapping(node, deep=True)


NothingTwice.add_constructor("tag:yaml.org,2002:map", NothingTwice.nothing_twice)


def test_a_value_that_is_left_empty_is_as_if_it_were_not_named(render: Render, tmp_path: Path) -> None:
    """`podLabels:` and nothing behind it is a null, by which Helm takes the default away."""
    given = yaml.safe_load(Path(values_of("production")).read_text("utf-8"))
    (tmp_path / "empty.yaml").write_text(yaml.safe_dump(left_empty(DEFAULTS, given)), "utf-8")

    assert render("production", "-f", f"{tmp_path}/empty.yaml") == render("production")


def left_empty(defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A null for each value whose default is empty and that is not given."""
    parts = {name: left_empty(part, given.get(name) or {}) for name, part in defaults.items() if is_filled_map(part)}
    nulls = {name: None for name, default in defaults.items() if is_empty(default) and name not in given}
    return {**{name: part for name, part in parts.items() if part}, **nulls}


def test_a_value_without_which_nothing_can_be_made_may_not_be_taken_away() -> None:
    missing = sorted(path for path, is_required in needed(DEFAULTS, SCHEMA) if not is_required)

    assert missing == []


def needed(defaults: dict[str, Any], schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, bool]]:
    for name, default in defaults.items():
        if is_empty(default) or isinstance(default, list) or name.endswith(MAY_GO):
            continue
        yield f"{path}{name}", name in schema.get("required", ())
        if is_filled_map(default) and "properties" in (part := schema["properties"][name]):
            yield from needed(default, part, f"{path}{name}.")


def is_filled_map(default: object) -> bool:
    return isinstance(default, dict) and bool(default)


def is_empty(default: object) -> bool:
    return default in ("", None, [], {})


def test_every_pod_may_go_without_limits(render: Render) -> None:
    """`resources: null` is how Helm is told to ask for none."""
    made = render("minimal", "--set", "web.resources=null,worker.resources=null,scheduler.resources=null")

    assert [pod["containers"][0]["resources"] for _, pod in pods(made)] == [None] * 4
