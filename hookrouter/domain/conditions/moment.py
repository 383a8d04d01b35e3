"""Timestamps compared with a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.lead import Json, crm_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Holds when the value is a time before the moment."""

    label: str
    moment: datetime

    def holds(self, value: Json) -> bool:
        """Whether it is; what is no time is not."""
        time = crm_time(value)
        return time is not None and time < self.moment


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Holds when the value is a time after the moment."""

    label: str
    moment: datetime

    def holds(self, value: Json) -> bool:
        """Whether it is; what is no time is not."""
        time = crm_time(value)
        return time is not None and time > self.moment


def before(moment: datetime) -> Before:
    """The test for a time before the moment."""
    return Before(label=f"before {_shown(moment)}", moment=moment)


def after(moment: datetime) -> After:
    """The test for a time after the moment."""
    return After(label=f"after {_shown(moment)}", moment=moment)


def _shown(moment: datetime) -> str:
    return moment.isoformat(sep=" ")
