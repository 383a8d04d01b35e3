"""What `--json` of check, test and explain prints has the shape that the documentation shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cli_support import CONFIGURATION, Shell
from routed_support import Router

PAGE = Path(__file__).parents[2] / "docs/testing-rules.md"
SHOWN = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
CHECK, TEST, EXPLAIN, DIFF = map(json.loads, SHOWN)
LEAD = {"id": "7", "leadScore": "60", "leadStatus": "customer"}
WRONG = """\
tests:
  - {name: it, lead: {id: 1, leadScore: 60}, expect: {hot-lead: [log]}}
"""


def shape(value: Any) -> Any:
    """The names of a document, with what stands below each; of a list, that of its first entry."""
    match value:
        case {"tree": _}:
            return {name: shape(part) for name, part in value.items() if name != "tree"} | {
                "tree": sorted(value["tree"])
            }
        case {"content": _}:
            return sorted(value)
        case dict():
            return {name: shape(part) for name, part in value.items()}
        case list():
            return [shape(part) for part in value[:1]]
        case _:
            return type(value).__name__


def test_of_check(shell: Shell) -> None:
    shell.configure(CONFIGURATION.replace("a-token-only-for-tests", '"${TOKEN}"'))

    assert shape(shell.run("check", "--json").json) == shape(CHECK)


def test_of_test(shell: Shell) -> None:
    shell.configure(CONFIGURATION + WRONG)

    [told] = shell.run("test", "--json").json

    assert shape([{**told, "changed": ["leadScore"]}]) == shape(TEST)


def test_of_explain(shell: Shell) -> None:
    told = shell.run(
        "explain",
        "--lead",
        shell.write("lead.json", LEAD),
        "--previous",
        shell.write("was.json", LEAD | {"leadScore": 1}),
        "--json",
    )

    assert shape(told.json) == shape(EXPLAIN)


def test_of_a_difference(shell_at_work: Shell) -> None:
    old = CONFIGURATION.replace("billing: {type: http,", "billing: {type: http, body: {was: a},")
    (shell_at_work.folder / "old.yaml").write_text(old)
    Router(shell_at_work).push(LEAD | {"leadScore": "90", "leadStatus": "open"})
    shell_at_work.configure(old.replace("was: a", "was: b"))

    assert shape(shell_at_work.run("explain", "--diff", "old.yaml", "--json").json) == shape(DIFF)
