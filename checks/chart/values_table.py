"""The table of all values in the chart's README: `python checks/chart/values_table.py` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "helm"
README = CHART / "README.md"
BEGIN, END = "<!-- values -->\n", "<!-- end of values -->\n"
NOTHING = "\N{EN DASH}"
AS_ONE = ("Probe", "podDisruptionBudget")
"""Values of several parts that have one row: their parts are Kubernetes' own."""


def table() -> str:
    """A row for each value, by its path, with its default and what it is for."""
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    defaults = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    return "".join(["| value | default | |\n", "| --- | --- | --- |\n", *_rows(schema, defaults, "")])


def _rows(schema: Any, defaults: Any, path: str) -> Iterator[str]:
    for name, part in schema["properties"].items():
        if name == "global":
            continue
        here, default = f"{path}{name}", defaults[name]
        if "properties" in part and isinstance(default, dict) and default and not name.endswith(AS_ONE):
            yield f"| **`{here}`** | | {part['description']} |\n"
            yield from _rows(part, default, f"{here}.")
        else:
            yield f"| `{here}` | {_shown(default)} | {part['description']} |\n"


def _shown(default: object) -> str:
    return NOTHING if default in ("", None, [], {}) else f"`{json.dumps(default).strip(chr(34))}`"


def written() -> str:
    """The table as it stands in the README."""
    return README.read_text("utf-8").split(BEGIN)[1].split(END)[0]


if __name__ == "__main__":
    text = README.read_text("utf-8")
    head, rest = text.split(BEGIN)
    README.write_text(f"{head}{BEGIN}{table()}{END}{rest.split(END)[1]}", "utf-8")
