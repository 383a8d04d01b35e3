"""How a sink is to be treated, whatever its type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.schedule import RETRY_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkPolicy:
    """What every sink may say.

    Attributes:
        concurrency: how many deliveries may be under way at once.
        timeout: the longest one attempt may take in all.
        retry_for: how long after the first attempt a delivery may still be tried.
        only: the lead's fields that this sink may see; None means all.
    """

    concurrency: int = 32
    timeout: timedelta = timedelta(seconds=10)
    retry_for: timedelta = RETRY_FOR
    only: tuple[str, ...] | None = None
