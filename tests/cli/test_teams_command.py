"""`hookrouter teams`, and what `explain` and `deliveries` say of whom leads are given to, on a real server."""

from __future__ import annotations

import pytest
from cli_support import CONFIGURATION, Shell

from hookrouter.domain.assignment import Assigned, Decision
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SourceName, TeamName
from hookrouter.domain.teams import Score, TeamState
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.kept.assigning import write_decision, write_team_state

EAST = TeamName("east")
TEAMS = """teams:
  east:
    members:
      - {owner: 4, name: Ada Brown, share: 2}
      - {owner: 5, name: Ben Cole, away: 2020-01-01 to 2029-12-31}
      - {owner: 6, name: Cem Diaz}
    otherwise: log
"""
ADA = Assigned(owner="4", name="Ada Brown", team="east", reason="Ben away, Ada next")


@pytest.fixture
def sales(shell_at_work: Shell, server: RedisServer, keys: Keys) -> Shell:
    """Ada had a lead, long ago."""
    shell_at_work.configure(CONFIGURATION.replace("    to: [log, billing]", "    assign: east\n    to: [log]") + TEAMS)
    state = TeamState(unit=3000, scores={"4": Score(credit=-1000, given=1), "6": Score(credit=1000)})
    server.call("SET", keys.team(EAST), write_team_state(state))
    server.call("ZADD", keys.open_leads(EAST, "4"), 4102444800000, "lead")
    decision = Decision(
        asked=EAST,
        assigned=ADA,
        route=RouteName("hot-lead"),
        push=PushId("p_1"),
        source=SourceName("crm"),
        lead_key=LeadKey("email:ada@acme.example"),
        at=RECEIVED_AT,
        is_new=True,
    )
    server.call("XADD", keys.decisions(), "*", "r", write_decision(decision))
    return shell_at_work


def test_teams_tell_who_is_next_and_what_everybody_has(sales: Shell) -> None:
    [team] = sales.run("teams", "--json").json
    shown = sales.run("teams", "list", "--team", "east").out.splitlines()

    assert (team["team"], team["next"], team["reason"], team["otherwise"]) == (
        "east",
        "6",
        "Ben away, Cem next",
        "log",
    )
    assert team["members"][:2] == [
        {
            "owner": "4",
            "name": "Ada Brown",
            "share": 2,
            "next": False,
            "not_now": "",
            "today": 0,
            "this_hour": 0,
            "given": 1,
            "open": 1,
        },
        {
            "owner": "5",
            "name": "Ben Cole",
            "share": 1,
            "next": False,
            "not_now": "away",
            "today": 0,
            "this_hour": 0,
            "given": 0,
            "open": 0,
        },
    ]
    assert shown[0] == "east: Ben away, Cem next"
    assert [line.split()[-1] for line in shown[2:]] == ["-", "away", "next"]


def test_a_team_that_there_is_not_is_said(sales: Shell) -> None:
    ended = sales.run("teams", "list", "--team", "west")

    assert (ended.code, ended.err) == (1, "the configuration has no team west; it has east\n")


def test_decisions_are_listed_with_their_reasons_and_leads_masked(sales: Shell) -> None:
    [row] = sales.run("teams", "decisions", "--lead", "ada@acme.example", "--json").json
    none = sales.run("teams", "decisions", "--lead", "somebody@acme.example")

    assert row == {
        "at": "2026-03-04T15:20:11+00:00",
        "team": "east",
        "lead": "email:a***@acme.example",
        "owner": "4",
        "name": "Ada Brown",
        "reason": "Ben away, Ada next",
        "route": "hot-lead",
        "push": "p_1",
    }
    assert none.err == "no decisions\n"


def test_explain_of_a_file_knows_no_turns(sales: Shell) -> None:
    told = sales.run("explain", "--lead", sales.write("lead.json", {"id": "1", "leadScore": "90"})).out

    assert "whose turn it is is not known offline; if nobody had a lead before, for Ada Brown (Ben away, Ada" in told
