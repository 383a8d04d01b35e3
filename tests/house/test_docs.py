"""The documentation holds what the code has, and its examples work."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from house_support import ROOT
from marshmallow import fields
from prometheus_client import Counter, Histogram

from hookrouter.cli.main import COMMANDS
from hookrouter.config.load import load_config
from hookrouter.config.settings import VARIABLES
from hookrouter.domain import (
    alert_events,
    claim_events,
    clock_events,
    crm_events,
    events,
    history_events,
    layout_events,
    order_events,
    people_events,
    process_events,
    redis_events,
    routing_events,
    spool_events,
    watch_events,
)
from hookrouter.domain.outcome import Reason
from hookrouter.sinks.registry import load_sink_types
from hookrouter.wire.config.config_schema import ConfigSchema
from hookrouter.wire.rules.words import COMBINATORS, OPERATORS, STATE_WORDS

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DEMO = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/hookrouter demo"
TESTS = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
SECRET = "a-secret-of-the-test-alone"
AROUND_SINKS = """\
version: 1
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
crm: {account_id: "2_0A1B2C3D", secret_key: "${CRM_SECRET_KEY}"}
routes: [{name: all, stop: true}]
"""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> dict[str, str]:
    """The rows of all tables, by the name that opens them."""
    return {found[1]: found[0] for found in re.finditer(r"^\| `([^`]+)` \|.*$", text, re.MULTILINE)}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def event_classes() -> list[type[events.Event]]:
    said = {
        **vars(events),
        **vars(alert_events),
        **vars(layout_events),
        **vars(claim_events),
        **vars(crm_events),
        **vars(history_events),
        **vars(clock_events),
        **vars(crm_events),
        **vars(routing_events),
        **vars(people_events),
        **vars(redis_events),
        **vars(spool_events),
        **vars(order_events),
        **vars(process_events),
        **vars(watch_events),
    }.values()
    found = [kind for kind in said if isinstance(kind, type) and issubclass(kind, events.Event)]
    return [kind for kind in found if kind not in (events.Event, routing_events.LeadJudged)]


def test_every_event_has_a_name_of_its_own() -> None:
    names = [kind.name for kind in event_classes()]

    assert [name for name in names if not re.fullmatch(r"[a-z]+\.[a-z]+", name)] == []
    assert len(set(names)) == len(names)


def test_every_event_has_its_row() -> None:
    expected = {kind.name: (kind.level, [one.name for one in dataclasses.fields(kind)]) for kind in event_classes()}
    documented = {}
    for name, row in rows(read("docs/events.md").split("## Reasons")[0]).items():
        _, _, level, _, names, _ = row.split("|")
        documented[name] = (level.strip(), re.findall(r"`(\w+)`", names))

    assert documented == expected


def test_every_reason_has_its_row() -> None:
    assert set(rows(read("docs/events.md").split("## Reasons")[1])) == {*Reason}


def test_every_metric_has_its_row_with_its_labels() -> None:
    from hookrouter.telemetry import series  # noqa: PLC0415 - reads where to share its counters when it is imported

    kept = [one for one in vars(series).values() if isinstance(one, Counter | Histogram)]
    expected = {one._name + ("_total" if isinstance(one, Counter) else ""): labels_of(one._labelnames) for one in kept}
    expected |= gauges_of(read("hookrouter/web/gauges.py"))
    documented = rows(read("docs/metrics.md"))

    assert {name: row.split(" | ")[2] for name, row in documented.items() if name.count(" ") == 0} == expected


def gauges_of(source: str) -> dict[str, str]:
    gauges = re.finditer(r'GaugeMetricFamily\(\s*"(\w+)",\s*"[^"]*"(?:,\s*labels=\[([^\]]*)\])?', source)
    return {found[1]: labels_of(re.findall(r'"(\w+)"', found[2] or "")) for found in gauges}


def labels_of(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def test_every_variable_has_its_row_with_its_default() -> None:
    documented = read("docs/configuration.md").split("## Environment")[1]

    for variable in VARIABLES:
        (row,) = [row for row in documented.splitlines() if f"`{variable.names[0]}`" in row]
        assert all(f"`{name}`" in row for name in variable.names)
        assert variable.default is None or f"`{variable.default}`" in row


def test_every_key_of_the_configuration_is_documented() -> None:
    text = read("docs/configuration.md")
    documented = {part for name in re.findall(r"`([^`\n]+)`", text) for part in re.split(r"[^\w]+", name)}
    schemas = [ConfigSchema, *(kind.schema for kind in load_sink_types().values())]

    assert {key for schema in schemas for key in keys_of(schema().fields)} - documented == set()
    assert {*OPERATORS, *COMBINATORS, *STATE_WORDS} - documented == set()


def keys_of(known: Mapping[str, fields.Field[Any]]) -> Iterator[str]:
    for name, field in known.items():
        yield field.data_key or name
        inner = field.value_field if isinstance(field, fields.Dict) else getattr(field, "inner", field)
        if isinstance(inner, fields.Nested):
            yield from keys_of(inner.schema.fields)


def test_every_command_is_in_the_readme() -> None:
    named = set(re.findall(r"`([a-z-]+)[^`]*`", read("README.md").split("## Commands")[1].split("##")[0]))

    assert set(COMMANDS) - named == set()


def test_no_command_is_named_that_does_not_exist() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    lines = "".join(blocks(text, "sh"))
    named = re.findall(r"`hookrouter ([a-z-]+)", text) + re.findall(r"^hookrouter ([a-z-]+)", lines, re.MULTILINE)

    assert named
    assert set(named) - set(COMMANDS) == set()


def test_the_chart_and_the_image_start_commands_that_exist() -> None:
    roles = re.findall(r'"command" "([a-z-]+)"', "".join(each.read_text() for each in (ROOT / "helm").rglob("*.yaml")))
    image = re.findall(r'^CMD \["([a-z-]+)"\]', read("Dockerfile"), re.MULTILINE)
    processes = re.findall(r"^\w+: hookrouter ([a-z-]+)$", read("Procfile"), re.MULTILINE)

    assert sorted(roles) == sorted(processes) == ["scheduler", "serve", "worker"]
    assert image == ["serve"]
    assert {*roles, *image} <= set(COMMANDS)


def test_the_two_commands_stand_in_the_readme_as_they_are_run() -> None:
    indented = [line.strip() for line in read("README.md").splitlines() if line.startswith("    ")]

    assert indented == [DEMO, TESTS]
    assert f"({TESTS})" in read(".ci/run")


def test_every_link_leads_somewhere() -> None:
    broken = []
    for document in [*DOCUMENTS, ROOT / "CONTRIBUTING.md", ROOT / "helm" / "README.md"]:
        for target, _, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(#([^)]*))?\)", document.read_text("utf-8")):
            path = document.parent / target if target else document
            if not path.is_file() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
                broken.append(f"{document.name}: {target}#{anchor}")

    assert broken == []


def anchors(text: str) -> set[str]:
    """The headings as they are linked to."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_whole_configuration_in_the_docs_is_sound(tmp_path: Path) -> None:
    examples = [text for path in DOCUMENTS for text in blocks(path.read_text("utf-8"), "yaml")]
    wholes = [text for text in examples if "version: 1" in text]
    wholes += [AROUND_SINKS + text for text in examples if text.startswith("sinks:")]
    schemas = {name: kind.schema for name, kind in load_sink_types().items()}
    assert wholes

    for text in wholes:
        path = tmp_path / "hookrouter.yaml"
        path.write_text(text, encoding="utf-8")
        environment = {"CRM_SECRET_KEY": SECRET} | dict.fromkeys(re.findall(r"\$\{(\w+)", text), SECRET)
        environment["SLACK_BOT_TOKEN"] = "xoxb-of-the-test-alone"
        environment["SLACK_WEBHOOK_URL"] = "https://hooks.slack.com/services/T0/B0/x"
        load_config(path, environment, schemas)


def test_the_sink_in_the_docs_works(tmp_path: Path) -> None:
    sink, scene = blocks(read("docs/writing-a-sink.md"), "python")
    path = tmp_path / "test_our_chat.py"
    path.write_text(f"{sink}\n\n{scene.replace('import asyncio', '', 1)}", encoding="utf-8")
    environment = {**os.environ, "PYTEST_ADDOPTS": "", "PYTHONPATH": str(ROOT)}

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


def test_the_first_steps_of_the_readme_work(tmp_path: Path) -> None:
    first, second, *_ = blocks(read("README.md"), "sh")
    filled = {"CRM_ACCOUNT_ID=…": "CRM_ACCOUNT_ID=a", "CRM_SECRET_KEY=…": f"CRM_SECRET_KEY={SECRET}", "/…": "/T0/B0/x"}
    script = "set -e\n" + first.removeprefix(". .venv/bin/activate\n") + second
    for written, instead in filled.items():
        script = script.replace(written, instead)
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}

    run = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "hot-lead → sales" in run.stdout
