"""Several accounts push to one hookrouter, each to a source of its own; none of them has to do with another's leads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from test_what_goes_in_comes_out import a_runtime, deliveries_of

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SourceName
from hookrouter.runtime import Runtime

CONFIGURATION = """
version: 1
receiver:
  sources:
    east: {token: of-the-eastern-account-01}
    west: {token: of-the-western-account-01}
sinks: {all: {type: stdout}}
routes:
  - {name: of-the-east, source: east, match: {changed: [leadStatus]}, to: [all], stop: true}
  - {name: of-the-west, source: west, match: {changed: [leadStatus]}, to: [all]}
  - {name: of-both, match: {leadStatus: open}, to: [all]}
"""


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION)
    runtime = a_runtime(tmp_path, valkey.url)
    yield runtime
    runtime.server.client.close()


def push(runtime: Runtime, source: str, **fields: str) -> None:
    lead = {"id": "1", "createTimestamp": "2026-03-01 09:00:00", **fields}
    runtime.receive().take(SourceName(source), json.dumps([lead]).encode(), {})


def taken(deliveries: Sequence[Delivery]) -> Counter[tuple[str, str]]:
    return Counter((delivery.route, delivery.source) for delivery in deliveries)


def test_a_lead_is_compared_with_its_own_accounts_snapshot_and_takes_its_own_routes(runtime: Runtime) -> None:
    push(runtime, "east", leadStatus="open", updateTimestamp="2026-03-04 15:00:00")
    push(runtime, "west", leadStatus="customer", updateTimestamp="2026-03-04 15:00:00")
    push(runtime, "west", leadStatus="open", updateTimestamp="2026-03-04 15:00:01")
    push(runtime, "east", leadStatus="qualified", updateTimestamp="2026-03-04 15:00:02")

    deliveries = deliveries_of(runtime)

    assert taken(deliveries) == Counter(
        {("of-both", "east"): 1, ("of-the-west", "west"): 1, ("of-both", "west"): 1, ("of-the-east", "east"): 1}
    )
    before = {(each.route, each.source): dict(each.previous) for each in deliveries if each.previous}
    assert before[("of-the-east", "east")] == {"leadStatus": "open"}
    assert before[("of-the-west", "west")] == {"leadStatus": "customer"}
    assert len({delivery.id for delivery in deliveries}) == 4
