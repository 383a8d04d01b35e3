"""Counts that are gathered and written some at a time."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from hookrouter.telemetry.batches import GATHERED, Batches, BatchHistogram

BUCKETS = (0.1, 1, 10)
AMOUNTS = (0.0, 0.1, 0.100001, 1.0, 5.5, 10.0, 11.0)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def samples(registry: CollectorRegistry, name: str) -> list[tuple[str, dict[str, str], float]]:
    return [
        (sample.name.removeprefix(name), sample.labels, sample.value)
        for metric in registry.collect()
        if metric.name == name
        for sample in metric.samples
        if not sample.name.endswith("_created")
    ]


def test_many_observations_are_what_they_are_one_by_one(registry: CollectorRegistry) -> None:
    at_once = BatchHistogram("at_once", "", buckets=BUCKETS, registry=registry)
    singly = Histogram("singly", "", buckets=BUCKETS, registry=registry)

    at_once.observe_all(AMOUNTS)
    for amount in AMOUNTS:
        singly.observe(amount)

    assert samples(registry, "at_once") == samples(registry, "singly")


def test_what_was_gathered_is_written_once(registry: CollectorRegistry) -> None:
    counter, histogram = Counter("c", "", registry=registry), BatchHistogram("h", "", registry=registry)
    batches = Batches()
    batches.count(counter, counter)
    batches.amounts_of(histogram).append(0.5)
    assert registry.get_sample_value("c_total") == 0

    batches.write()
    batches.write()

    assert registry.get_sample_value("c_total") == 2
    assert registry.get_sample_value("h_count") == 1
    assert registry.get_sample_value("h_sum") == 0.5


def test_no_more_than_so_many_are_gathered(registry: CollectorRegistry) -> None:
    counter = Counter("c", "", registry=registry)
    batches = Batches()

    for _ in range(GATHERED):
        batches.count(counter)

    assert registry.get_sample_value("c_total") == GATHERED
