"""What docs/crm.md says is so: its examples print what they are said to print, and no method is left out."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from crm_line import ACCOUNT, SECRET, a_simulator

from hookrouter.crm import Client
from hookrouter.crm.methods import METHODS
from hookrouter.simulator.server import serving

TEXT = (Path(__file__).parents[2] / "docs/crm.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\nprints\n\n^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("script", "output"), EXAMPLES, ids=range(len(EXAMPLES)))
async def test_an_example_prints_what_it_says(
    script: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts: list = []
    monkeypatch.setattr(asyncio, "run", scripts.append)
    async with serving(a_simulator(20)) as simulator:
        of_this = f'url="{simulator.api_url}", account_id="{ACCOUNT}"'
        script = script.replace('account_id="…"', of_this).replace('secret_key="…"', f'secret_key="{SECRET}"')
        exec(compile(script, "docs/crm.md", "exec"), {})
        [main] = scripts
        await main

    assert capsys.readouterr().out == output


def test_every_method_has_its_row_with_its_namesake() -> None:
    rows = re.findall(r"^\| (\w+) \| `(\w+)\(", TEXT, re.MULTILINE)

    assert len(EXAMPLES) == TEXT.count("```python") == 2
    assert {method for method, _ in rows} == METHODS.keys()
    assert [name for _, name in rows if not callable(getattr(Client, name))] == []
