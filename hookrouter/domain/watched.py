"""What came from a source, and what is remembered of it between two looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.push_path import Path
from hookrouter.domain.rhythm import Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What came of a source.

    Attributes:
        busy: the minutes with pushes of each hour that had any; a canary's own pushes count nowhere here.
        last_push: when the last came.
        by_token: when the last came by each token, known by its name.
        turned_away: when a caller was last refused, by the reason.
    """

    busy: Mapping[datetime, int] = field(default_factory=dict)
    last_push: datetime | None = None
    by_token: Mapping[str, datetime] = field(default_factory=dict)
    turned_away: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is remembered of a source; `told` is the beginning of the silence that was told of last."""

    path: Path = field(default_factory=Path)
    rhythm: Rhythm = field(default_factory=Rhythm)
    told: datetime | None = None
