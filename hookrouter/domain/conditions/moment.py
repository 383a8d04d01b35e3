"""Timestamps compared with a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.case import Case
from hookrouter.domain.conditions.field import found_in
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import CLOCKS_DIFFER, Json, crm_time


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWithin:
    """Holds when the field is a time that had passed no longer than this when the lead was pushed."""

    label: str
    path: str
    span: timedelta

    def holds(self, case: Case) -> bool:
        """Whether it is; what is no time, or one to come, is not."""
        time = crm_time(case.field(self.path))
        return time is not None and -CLOCKS_DIFFER <= case.at - time <= self.span

    def judge(self, case: Case) -> Judgement:
        """What the field was."""
        return Judgement(label=self.label, held=self.holds(case), found=found_in(case, self.path))


def before(moment: datetime) -> Before:
    """The test for a time before the moment."""
    return Before(label=f"before {_shown(moment)}", moment=moment)


def after(moment: datetime) -> After:
    """The test for a time after the moment."""
    return After(label=f"after {_shown(moment)}", moment=moment)


def _shown(moment: datetime) -> str:
    in_utc = moment.utcoffset() == timedelta(0)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if in_utc else moment.isoformat(sep=" ")
