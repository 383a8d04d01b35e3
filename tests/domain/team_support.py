"""Teams, for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.domain.assignment import Wanted
from hookrouter.domain.calendar import Holiday
from hookrouter.domain.ids import PushId, TeamName
from hookrouter.domain.teams import Member, Team

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
TODAY = Holiday(first=date(2026, 11, 24), last=date(2026, 11, 24))
ADA = Member(owner="4", name="Ada Brown", slack="U02ADA", email="ada@sales.example", share=2)
BEN = Member(owner="5", name="Ben Cole")
CEM = Member(owner="6", name="Cem Diaz")


def a_team(*members: Member, name: str = "east", **said: Any) -> Team:
    """Ada with a share of two, Ben and Cem, in Berlin."""
    zone = said.pop("timezone", ZoneInfo("Europe/Berlin"))
    return Team(name=TeamName(name), members=members or (ADA, BEN, CEM), timezone=zone, **said)


def wanted(push: int = 1, *, team: str = "east", owner: str = "", excluded: tuple[str, ...] = ()) -> Wanted:
    """Somebody for the first lead of a push."""
    return Wanted(team=TeamName(team), push=PushId(f"p_{push}"), place=0, owner=owner, excluded=excluded)
