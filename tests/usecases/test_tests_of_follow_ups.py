"""Route tests that say when follow-up steps must be due."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookrouter.config.settings import read_settings
from hookrouter.runtime import open_runtime
from hookrouter.usecases.explaining.prove import prove

CONFIGURATION = """
version: 1
receiver: {{sources: {{crm: {{token: a-token-of-this-test}}}}}}
sinks: {{sales: {{type: stdout}}}}
times: {{desk: {{days: mon-fri, hours: "09:00-17:00", timezone: Europe/Berlin}}}}
routes:
  - {{name: hot, during: desk, to: [sales], follow_up: [{{after: 15m, to: [sales]}}, {{after: 1h, to: [sales]}}]}}
tests:
  - name: over a weekend on which summer begins
    lead: {{id: 1}}
    at: 2027-03-26T16:50:00+01:00
    expect: {{hot: [sales]}}
    follow_up: {{hot: {steps}}}
"""


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ('{15m: "2027-03-29T09:05:00+02:00", 60m: "2027-03-29T09:50:00+02:00"}', []),
        (
            '{15m: "2027-03-29T08:05:00+02:00"}',
            ["the follow-up after 15m is due on Mon 2027-03-29 09:05 Europe/Berlin"],
        ),
        ('{20m: "2027-03-29T09:05:00+02:00"}', ["no follow-up is due after 20m; its steps are: 15m, 1h"]),
    ],
    ids=["right", "another moment", "no such step"],
)
def test_a_test_fails_when_a_step_is_due_otherwise(tmp_path: Path, steps: str, told: list[str]) -> None:
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION.format(steps=steps))
    environment = {"HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"), "HOOKROUTER_DATA_DIR": str(tmp_path)}
    runtime = open_runtime(read_settings(environment), role="cli", quiet=True)
    [test] = runtime.config.tests

    proof = prove(test, runtime.explain(), runtime.clock.now())

    assert [each.advice for each in proof.disagreements] == told
