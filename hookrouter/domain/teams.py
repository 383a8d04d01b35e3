"""Teams of people whom leads are given to, and what is known of the turns that each had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hookrouter.domain.calendar import Holiday, OpenTime
from hookrouter.domain.ids import SinkName, TeamName

OPEN_FOR = timedelta(days=30)
"""How long a lead counts as open when nobody touches it: after a month it is no work for anybody any more."""


class Pick(StrEnum):
    """Whose turn it is."""

    ROUND_ROBIN = "round-robin"
    FEWEST_OPEN = "fewest-open"


class Per(StrEnum):
    """What a limit counts by, on the team's clock."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most leads that one member is given in an hour or on a day."""

    leads: int
    per: Per


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of a team.

    Attributes:
        owner: the person's id in the CRM.
        share: how many leads the person gets while another with a share of 1 gets one.
        away: days on which the person is given none, both ends included.
        time: the only time at which the person is given any; None is always.
    """

    owner: str
    name: str
    slack: str = ""
    email: str = ""
    share: int = 1
    away: tuple[Holiday, ...] = ()
    time: OpenTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Some people, and how leads are shared among them.

    Attributes:
        keep_owner: whoever has a lead keeps it, unless away.
        limit: of each member; None means as many as come.
        otherwise: the team that takes what nobody of this one may take.
        otherwise_to: the sink that does; None of both means the route's own sinks, with nobody assigned.
        timezone: whose clock the days of `away` and `limit` go by.
    """

    name: TeamName
    members: tuple[Member, ...]
    timezone: ZoneInfo
    pick: Pick = Pick.ROUND_ROBIN
    keep_owner: bool = True
    limit: Limit | None = None
    otherwise: TeamName | None = None
    otherwise_to: SinkName | None = None

    def member(self, owner: str) -> Member | None:
        """The member with this id in the CRM."""
        return next((each for each in self.members if each.owner == owner), None)

    def called(self, member: Member) -> str:
        """The first name of a member, or the whole where two have the same."""
        first = _first(member)
        return member.name if [_first(each) for each in self.members].count(first) > 1 else first

    def is_away(self, member: Member, at: datetime) -> bool:
        """Whether a member is away at a moment."""
        today = at.astimezone(self.timezone if member.time is None else member.time.timezone).date()
        return any(days.first <= today <= days.last for days in member.away)


def _first(member: Member) -> str:
    return member.name.split()[0] if member.name.split() else member.owner


Teams = Mapping[TeamName, Team]
"""The teams of a configuration, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one member was given.

    Attributes:
        credit: how much the person is behind, in parts of a lead, of which `TeamState.unit` make one; less than none
            when the person is ahead.
        given: how many leads, kept ones not counted.
        day: the last day on which there was one, on the team's clock, and how many there were on it.
        hour: likewise.
    """

    credit: int = 0
    given: int = 0
    day: str = ""
    on_day: int = 0
    hour: str = ""
    in_hour: int = 0

    def within(self, per: Per, at: datetime) -> int:
        """How many leads the person was given in the hour, or on the day, of a moment on the team's clock."""
        if per is Per.HOUR:
            return self.in_hour if self.hour == hour_of(at) else 0
        return self.on_day if self.day == day_of(at) else 0


def hour_of(at: datetime) -> str:
    """The hour of a moment; the one that the clock shows twice is two."""
    return at.strftime("%Y-%m-%dT%H%z")


def day_of(at: datetime) -> str:
    """The day of a moment."""
    return at.strftime("%Y-%m-%d")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamState:
    """What is known of a team's turns so far.

    Attributes:
        unit: how many parts of a lead make one; 0 when nobody had a turn yet.
        scores: of those who had one, by their ids in the CRM.
    """

    unit: int = 0
    scores: Mapping[str, Score] = field(default_factory=dict)

    def score(self, owner: str) -> Score:
        """What one person was given."""
        return self.scores.get(owner, NOTHING)


NOTHING = Score()
NEW_TEAM = TeamState()
