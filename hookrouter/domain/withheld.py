"""What waits until the CRM tells something of its leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """How many leads wait, and since when the first of them does; a lead counts for each of its routes."""

    waiting: int
    since: datetime | None
