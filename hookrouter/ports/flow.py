"""The history of the flow, kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hookrouter.domain.flow_history import Minute, Reading, Sample
from hookrouter.domain.ids import SourceName


class FlowHistory(Protocol):
    """What is remembered of the flow; nothing of it names a lead or a person."""

    def is_over(self, now: datetime) -> bool:
        """Whether the minute of the last sample has passed; cheap, because every kick asks."""

    def last(self) -> tuple[str, Reading]:
        """What was read for the last sample, preceded by a mark that tells whether it still is the last."""

    def keep(self, mark: str, reading: Reading, sample: Sample | None) -> bool:
        """Keep what was read and the sample made of it, in one step; False if another process has since `mark`."""

    def minutes(self, most: int) -> Sequence[Minute]:
        """The newest minutes, newest first."""

    def samples(self, most: int) -> Sequence[Sample]:
        """The same by source, route and sink."""

    def pushes(self, since: datetime, until: datetime, most: int) -> Mapping[SourceName, int]:
        """How many pushes came after `since` and up to `until`, by source.

        If there are more than `most`, only that many are looked at, and all are divided among sources in proportion.
        """
