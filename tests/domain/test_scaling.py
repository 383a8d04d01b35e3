"""What counts as work for workers."""

from __future__ import annotations

import pytest

from hookrouter.domain.scaling import sink_backlog, stage_backlog


@pytest.mark.parametrize(
    ("entries", "streams", "counted"),
    [(0, 4, 0), (1234, 4, 1234), (9000, 4, 4000), (9000, 1, 1000)],
    ids=["nothing waits", "all of it", "as much as all streams may", "one stream"],
)
def test_a_stage_counts_what_its_streams_can_share_out(entries: int, streams: int, counted: int) -> None:
    assert stage_backlog(entries, streams) == counted


@pytest.mark.parametrize(
    ("work", "rate", "streams", "counted"),
    [
        (700, None, 1, 700),
        (7000, None, 1, 1000),
        (7000, None, 4, 4000),
        (700, 1.0, 1, 60),
        (7, 1.0, 1, 7),
        (9999, 50.0, 2, 2000),
    ],
    ids=[
        "all of it",
        "one stream",
        "four shards",
        "what a minute lets out",
        "less than that",
        "a fast rate and shards",
    ],
)
def test_a_sink_counts_what_could_go_out_soon(work: int, rate: float | None, streams: int, counted: int) -> None:
    assert sink_backlog(work, rate, streams) == counted
