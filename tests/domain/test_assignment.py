"""Who of a team gets a lead, and what is said of why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from team_support import ADA, BEN, CEM, NOW, TODAY, a_team, wanted

from hookrouter.domain.assignment import Assigned, Board, Decided, Given, Wanted, decide
from hookrouter.domain.calendar import OpenTime, Span
from hookrouter.domain.ids import PushId, SinkName, TeamName
from hookrouter.domain.teams import Limit, Per, Pick, Team

BEN_AWAY = replace(BEN, away=(TODAY,))
MORNINGS = OpenTime(timezone=ZoneInfo("Europe/Berlin"), hours=(Span(start=8 * 60, end=12 * 60),))


def teams(*all_teams: Team) -> dict[TeamName, Team]:
    return {team.name: team for team in all_teams}


def give(board: Board, team: Team, count: int, *others: Team, **said: Any) -> list[Decided]:
    """So many new leads, given one after the other."""
    return [decide(teams(team, *others), board, wanted(number, **said), None, NOW) for number in range(count)]


def given_to(decided: Decided) -> Given:
    assert decided.given is not None
    return decided.given


def test_leads_go_round_by_share_and_say_to_whom() -> None:
    decisions = give(Board(), a_team(), 4)

    assert Counter(each.assigned.owner for each in decisions) == {"4": 2, "5": 1, "6": 1}
    assert decisions[0].assigned == Assigned(
        owner="4", name="Ada Brown", slack="U02ADA", email="ada@sales.example", team="east", reason="Ada next"
    )


def test_the_reason_names_those_who_may_not_take_it() -> None:
    team = a_team(ADA, BEN_AWAY, CEM, limit=Limit(leads=1, per=Per.DAY))
    board = Board()

    first, second, third = give(board, team, 3)

    assert first.assigned.reason == "Ben away, Ada next"
    assert second.assigned.reason == "Ada at the limit, Ben away, Cem next"
    assert third.assigned == Assigned(
        owner="", team="east", reason="Ada at the limit, Ben away, Cem at the limit: nobody may take it"
    )
    assert third.given is None


def test_a_reason_names_five_of_many_who_are_not_there() -> None:
    members = [replace(BEN, owner=f"1{number}", name=f"M{number}", away=(TODAY,)) for number in range(8)]

    [decided] = give(Board(), a_team(*members, CEM), 1)

    assert decided.assigned.reason == "M0 away, M1 away, M2 away, M3 away, M4 away, 3 more not there, Cem next"


def test_two_of_one_first_name_are_told_apart() -> None:
    [decided] = give(Board(), a_team(replace(BEN_AWAY, name="Ada Cole"), ADA), 1)

    assert decided.assigned.reason == "Ada Cole away, Ada Brown next"


def test_nobody_is_given_a_lead_outside_of_the_own_hours() -> None:
    [decided] = give(Board(), a_team(replace(ADA, time=MORNINGS), BEN), 1)

    assert decided.assigned.reason == "Ada not at work, Ben next"


@pytest.mark.parametrize(
    ("per", "later"), [(Per.HOUR, timedelta(minutes=60)), (Per.DAY, timedelta(hours=8, minutes=1))]
)
def test_a_limit_begins_anew_with_the_teams_own_hour_or_day(per: Per, later: timedelta) -> None:
    team, board = a_team(ADA, limit=Limit(leads=1, per=per)), Board()
    give(board, team, 1)

    before = decide(teams(team), board, wanted(2), None, NOW + later - timedelta(minutes=2))
    after = decide(teams(team), board, wanted(3), None, NOW + later)

    assert (before.assigned.owner, after.assigned.owner) == ("", "4")


def test_what_nobody_may_take_goes_to_the_other_team_and_then_to_the_sink() -> None:
    west = a_team(CEM, name="west", limit=Limit(leads=1, per=Per.DAY), otherwise_to=SinkName("manager"))
    east = a_team(BEN_AWAY, otherwise=west.name)

    first, second = give(Board(), east, 2, west)

    assert (first.assigned.owner, first.assigned.team, first.to) == ("6", "west", None)
    assert first.assigned.reason == "Ben away: nobody may take it; west: Cem next"
    assert (second.assigned.owner, second.to) == ("", "manager")


def test_teams_that_stand_in_for_each_other_are_asked_once() -> None:
    east = a_team(BEN_AWAY, otherwise=TeamName("west"))
    west = a_team(BEN_AWAY, name="west", otherwise=TeamName("east"))

    [decided] = give(Board(), east, 1, west)

    assert decided.assigned.reason == "Ben away: nobody may take it; west: Ben away: nobody may take it"


def test_a_team_that_the_configuration_forgot_assigns_nobody() -> None:
    decided = decide({}, Board(), wanted(), None, NOW)

    assert decided == Decided(assigned=Assigned(owner="", team="east", reason="there is no team east any more"))


def test_whoever_owns_the_lead_keeps_it_and_takes_no_turn() -> None:
    board = Board()

    decided = decide(teams(a_team()), board, wanted(owner="6"), None, NOW)

    assert decided.assigned.reason == "Cem owns this lead in the CRM"
    assert not decided.is_new
    assert board == Board()


@pytest.mark.parametrize(
    ("team", "owner"),
    [(a_team(keep_owner=False), "6"), (a_team(ADA, BEN_AWAY, CEM), "5"), (a_team(), "99")],
    ids=["keep_owner: false", "the owner is away", "the owner is of no team"],
)
def test_who_does_not_keep_a_lead_is_not_asked(team: Team, owner: str) -> None:
    decided = decide(teams(team), Board(), wanted(owner=owner), None, NOW)

    assert decided.assigned.owner == "4"
    assert decided.is_new


@pytest.mark.parametrize("owner_now", ["", "77", "4"], ids=["not written yet", "still whom it belonged to", "written"])
def test_a_lead_that_comes_again_stays_with_whom_it_was_given_to(owner_now: str) -> None:
    board, all_teams = Board(), teams(a_team())
    first = given_to(decide(all_teams, board, wanted(1, owner="77"), None, NOW))
    decide(all_teams, board, wanted(2), None, NOW)

    again = decide(all_teams, board, wanted(3, owner=owner_now), first, NOW)

    assert (again.assigned.owner, again.assigned.reason) == ("4", "Ada has this lead already")
    assert again.given == replace(first, to=again.assigned, push=PushId("p_3"))


def test_a_lead_that_a_person_moved_to_another_member_stays_there() -> None:
    board, all_teams = Board(), teams(a_team())
    first = given_to(decide(all_teams, board, wanted(1), None, NOW))

    again = decide(all_teams, board, wanted(2, owner="6"), first, NOW)

    assert again.assigned.reason == "Cem owns this lead in the CRM"


def test_a_lead_that_a_person_moved_out_of_the_team_is_not_taken_back() -> None:
    board, all_teams = Board(), teams(a_team())
    first = given_to(decide(all_teams, board, wanted(1), None, NOW))

    moved = decide(all_teams, board, wanted(2, owner="99"), first, NOW)
    again = decide(all_teams, board, wanted(3, owner="99"), moved.given, NOW)
    let_go = decide(all_teams, board, wanted(4), again.given, NOW)

    assert moved.assigned.reason == "a person gave this lead to user 99, who is not of the team"
    assert (again.assigned, again.is_new) == (moved.assigned, False)
    assert (let_go.assigned.team, let_go.is_new) == ("east", True)


def test_one_push_of_a_lead_is_given_to_one_person_though_two_routes_ask_and_nobody_keeps() -> None:
    board, all_teams = Board(), teams(a_team(keep_owner=False))

    first = decide(all_teams, board, wanted(), None, NOW)
    second = decide(all_teams, board, wanted(), first.given, NOW)
    next_push = decide(all_teams, board, wanted(2), first.given, NOW)

    assert second.assigned == first.assigned
    assert not second.is_new
    assert next_push.assigned.owner != first.assigned.owner


def test_the_next_one_gets_a_lead_that_the_first_left_lying() -> None:
    board, all_teams = Board(), teams(a_team())
    first = decide(all_teams, board, wanted(owner="4"), None, NOW)

    later = decide(all_teams, board, wanted(owner="4", excluded=("4",)), first.given, NOW)

    assert later.assigned.reason == "Ada had it before, Ben next"
    assert later.is_new


def test_whoever_has_the_fewest_open_leads_by_share_is_next() -> None:
    team = a_team(pick=Pick.FEWEST_OPEN)
    board = Board(open={team.name: {"4": 3, "5": 2, "6": 2}})

    [decided] = give(board, team, 1)

    assert decided.assigned.reason == "Ada with the fewest open leads"
    assert board.open[team.name] == {"4": 4, "5": 2, "6": 2}


def test_among_as_many_open_leads_turns_decide() -> None:
    decisions = give(Board(), a_team(ADA, BEN, pick=Pick.FEWEST_OPEN), 3)

    assert [each.assigned.name for each in decisions] == ["Ada Brown", "Ben Cole", "Ada Brown"]
    assert decisions[0].assigned.reason == "Ada next, all with as many open leads"


def test_a_lead_that_goes_on_to_the_next_is_open_with_one_person() -> None:
    board, all_teams = Board(), teams(a_team(pick=Pick.FEWEST_OPEN))
    first = decide(all_teams, board, wanted(), None, NOW)

    decide(all_teams, board, wanted(excluded=("4",)), first.given, NOW)

    assert board.open["east"] == {"4": 0, "5": 1}


def test_who_joins_finds_no_pile_and_the_claims_of_who_leaves_are_shared() -> None:
    board = Board()
    give(board, a_team(BEN, CEM), 99)

    decisions = give(board, a_team(ADA, CEM), 6)

    assert Counter(each.assigned.name for each in decisions) == {"Ada Brown": 4, "Cem Diaz": 2}
    assert board.state(TeamName("east")).score("5").credit == 0


def test_what_was_decided_is_what_the_same_question_decides() -> None:
    question = Wanted(team=TeamName("east"), push=PushId("p"), place=0)

    assert decide(teams(a_team()), Board(), question, None, NOW) == decide(
        teams(a_team()), Board(), question, None, NOW
    )
