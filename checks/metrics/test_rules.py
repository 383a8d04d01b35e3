"""Alert rules and dashboard: sound by the real promtool, and of nothing that hookrouter does not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from alert_cases import CASES
from promtool_support import ROOT, Promtool, documented

RULES = ROOT / "helm" / "alerts" / "hookrouter.yaml"
DASHBOARD = ROOT / "helm" / "dashboards" / "hookrouter.json"
VARIABLES = {"$__rate_interval": "5m", "$namespace": ".*", "$job": ".*"}
OF_PROMETHEUS = {"namespace", "job", "pod", "instance", "le", "by", "on", "offset"}
HEALED_AFTER = 75
"""Minutes; rules look an hour back."""
OF_SERIES = ("_bucket", "_sum", "_count")


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return list(group["rules"])


def expressions() -> Iterator[tuple[str, str]]:
    """All that is asked, by alert or panel."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def test_promtool_finds_the_rules_sound(promtool: Promtool) -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)


def test_promtool_finds_what_the_dashboard_asks_sound(promtool: Promtool, tmp_path: Path) -> None:
    asked = []
    for number, (_, expression) in enumerate(expressions()):
        for variable, instead in VARIABLES.items():
            expression = expression.replace(variable, instead)  # noqa: PLW2901
        asked.append({"record": f"asked:{number}", "expr": expression})
    path = tmp_path / "asked.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))

    promtool("check", "rules", path)


def test_each_alert_fires_when_it_must_and_not_else_and_clears(promtool: Promtool, tmp_path: Path) -> None:
    assert set(CASES) == {rule["alert"] for rule in rules()}

    tests = [
        group(alert, series, looks)
        for alert, case in CASES.items()
        for series, looks in (
            (case.healing(HEALED_AFTER), {case.at: case.firing, case.at + HEALED_AFTER: 0}),
            (case.quiet, {case.at: 0}),
        )
    ]
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))

    promtool("test", "rules", path)


def group(alert: str, series: dict[str, str], looks: dict[int, int]) -> dict[str, Any]:
    """What promtool is asked; `looks` tells how many fire after so many minutes."""
    query = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})'
    return {
        "name": f"{alert} {looks}",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": query,
                "eval_time": f"{at}m",
                "exp_samples": [{"labels": "{}", "value": firing}] if firing else [],
            }
            for at, firing in looks.items()
        ],
    }


def test_each_alert_says_what_is_wrong_and_what_to_do() -> None:
    headings = re.findall(r"^### (\w+)$", (ROOT / "docs/observability.md").read_text("utf-8"), re.MULTILINE)

    for rule in rules():
        said = rule["annotations"]
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert said["summary"].endswith(".")
        assert said["description"].endswith(".")
        assert said["runbook_url"] == f"docs/observability.md#{rule['alert'].lower()}"
    assert headings == [rule["alert"] for rule in rules()]


@pytest.mark.parametrize(("title", "expression"), list(expressions()))
def test_only_metrics_that_there_are_are_asked_for_by_labels_that_they_have(title: str, expression: str) -> None:
    known = documented()
    names = set(re.findall(r"\bhookrouter_\w+", expression))
    bare = {name: next((name.removesuffix(end) for end in OF_SERIES if name.endswith(end)), name) for name in names}
    labels = {label for name in bare.values() for label in known.get(name, ())} | OF_PROMETHEUS
    asked = set(re.findall(r"[{,(] ?(\w+)(?:=|!=|,| ?\))", re.sub(r'"[^"]*"|\$\w+', '""', expression)))

    assert names, title
    assert set(bare.values()) <= known.keys()
    assert {word for word in asked if not word[0].isdigit() and not word.startswith("hookrouter_")} <= labels
