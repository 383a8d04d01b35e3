"""How much work there is to do at once: the figure by which a cluster chooses the number of workers."""

from __future__ import annotations

from collections.abc import Iterable

MOST_OF_A_STREAM = 1000
"""What one stream counts at most: one worker at a time serves it, so a longer one gives no work to more of them."""
AHEAD = 60.0
"""Seconds for which a sink with a rate is looked ahead: what its rate lets out later is no work yet."""


def streams_backlog(depths: Iterable[int]) -> int:
    """Of the entries that streams hold, those that count."""
    return sum(min(depth, MOST_OF_A_STREAM) for depth in depths)


def sink_backlog(work: int, rate_limit: float | None, streams: int = 1) -> int:
    """Of the deliveries to a sink that could be attempted at once, those that count."""
    most = streams * MOST_OF_A_STREAM
    return min(work, most if rate_limit is None else min(most, int(rate_limit * AHEAD)))
