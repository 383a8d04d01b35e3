"""Whom `explain` says a lead would be given to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.domain.assignment import Board, Wanted, decide
from hookrouter.domain.calendar import Holiday
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName, TeamName
from hookrouter.domain.lead import Lead
from hookrouter.domain.routing import Route, RouteTable, Target
from hookrouter.domain.teams import Member, Team
from hookrouter.sinks.stdout import StdoutSink
from hookrouter.usecases.explaining.explain import Explain, Explanation
from hookrouter.usecases.explaining.turns import KnownTurns

EAST = TeamName("east")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WHO = (SourceName("crm"), LeadKey("7"))
LEAD = Lead(key=LeadKey("7"), fields={"id": "7", "leadScore": "91"})
MEMBERS = (Member(owner="4", name="Ada Brown"), Member(owner="5", name="Ben Cole"))
AWAY = Holiday(first=NOON.date(), last=NOON.date())


class Sinks:
    """All there are."""

    def find(self, sink: SinkName, _route: str) -> StdoutSink:
        return StdoutSink(name=sink, patience=timedelta(seconds=10))


def a_team(*members: Member, **said: Any) -> Team:
    return Team(name=EAST, members=members or MEMBERS, timezone=ZoneInfo("UTC"), **said)


def explained(team: Team, turns: KnownTurns | None = None, *, push: str = "p_2", **said: Any) -> Explanation:
    to = (Target(sink=SinkName("sales")), Target(sink=SinkName("log")))
    route = Route(name=RouteName("hot"), conditions=(), to=to, assign=EAST, **said)
    explain = Explain(table=RouteTable((route,)), sinks=Sinks(), teams={EAST: team})
    occasion = Occasion(push=PushId(push), source=SourceName("crm"), place=0, received_at=NOON)
    return explain.lead(LEAD, {"id": "7"}, occasion, turns=turns)


def known(team: Team, *pushes: str) -> KnownTurns:
    """As if the team had been given other leads, and at last this one."""
    board, given = Board(), None
    for push in pushes:
        given = decide({EAST: team}, board, Wanted(team=EAST, push=PushId(push), place=0), None, NOON).given
    return KnownTurns(board=board, given={} if given is None else {WHO: {EAST: given}}, at=NOON)


def test_offline_nobody_knows_whose_turn_it_is() -> None:
    told = explained(a_team())

    assigned = told.as_json()["routes"][0]["assigned"]  # type: ignore[index,call-overload]  # it is JSON
    assert assigned == {
        "team": "east",
        "owner": "4",
        "name": "Ada Brown",
        "reason": "Ada next",
        "otherwise": None,
        "known": False,
    }
    assert str(told.routes[0].assigned) == (
        "whose turn it is is not known offline; if nobody had a lead before, for Ada Brown (Ada next)"
    )


def test_by_the_turns_of_now_the_next_one_gets_it() -> None:
    team = a_team()

    told = explained(team, KnownTurns(board=known(team, "p_0").board, at=NOON))

    assert str(told.routes[0].assigned) == "for Ben Cole (Ben next)"


def test_who_has_the_lead_keeps_it_and_who_got_it_by_this_push_got_it() -> None:
    team = a_team()

    kept = explained(team, known(team, "p_0", "p_1"))
    same = explained(team, known(team, "p_0", "p_1"), push="p_1")

    assert str(kept.routes[0].assigned) == "for Ben Cole (Ben has this lead already)"
    assert str(same.routes[0].assigned) == "for Ben Cole (Ben next)"


def test_what_nobody_may_take_would_go_to_the_sink_that_takes_it() -> None:
    away = tuple(Member(owner=each.owner, name=each.name, away=(AWAY,)) for each in MEMBERS)
    team = a_team(*away, otherwise_to=SinkName("manager"))

    told = explained(team, KnownTurns(at=NOON))

    assert str(told.routes[0].assigned) == "for nobody (Ada away, Ben away: nobody may take it)"
    assert [delivery.sink for delivery in told.deliveries] == ["manager"]


def test_the_messages_name_the_person() -> None:
    told = explained(a_team(), KnownTurns(at=NOON))

    assert [delivery.sink for delivery in told.deliveries] == ["sales", "log"]
    assert "Ada Brown" in str(told.deliveries[0].content)


def test_a_shadow_would_give_the_lead_to_nobody() -> None:
    assert explained(a_team(), shadow=True).routes[0].assigned is None
