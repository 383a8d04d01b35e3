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
        """Whether the minute of the last sample has passed; the cheapest of questions, for it is asked every kick."""

    def last(self) -> tuple[str, Reading]:
        """What was read for the last sample, with the mark by which it is known to be the last."""

    def keep(self, mark: str, reading: Reading, sample: Sample | None) -> bool:
        """Keep what was read, and the sample made of it, in one step; False when another did since `mark`."""

    def minutes(self, most: int) -> Sequence[Minute]:
        """So many of the newest, the newest first."""

    def samples(self, most: int) -> Sequence[Sample]:
        """The same by source, route and sink."""

    def pushes(self, since: datetime, until: datetime, most: int) -> Mapping[SourceName, int]:
        """How many pushes came behind a moment and up to another, by source.

        Of more than `most` the sources are told by these alone, and the number of all is divided alike.
        """
