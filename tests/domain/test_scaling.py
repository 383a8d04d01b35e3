"""What counts as work for workers."""

from __future__ import annotations

import pytest

from hookrouter.domain.scaling import sink_backlog, streams_backlog


@pytest.mark.parametrize(
    ("depths", "counted"),
    [((0, 0, 0, 0), 0), ((1000, 234, 0, 0), 1234), ((9000, 0, 0, 1), 1001), ((9000, 9000), 2000)],
    ids=["nothing waits", "all of it", "one long stream", "two long streams"],
)
def test_a_stream_counts_what_one_worker_can_be_busy_with(depths: tuple[int, ...], counted: int) -> None:
    assert streams_backlog(depths) == counted


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
