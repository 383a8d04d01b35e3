"""Teams, decisions and follow-ups, as the operator API shows them."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.ids import RouteName
from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.people import (
    DecisionPage,
    DecisionsQuery,
    FollowUpPage,
    FollowUpsQuery,
    TeamSchema,
    TeamsSchema,
)


def list_teams(asked: Asked) -> dict[str, Any]:
    """All teams."""
    return {"found": [standing.as_json() for standing in asked.desk.teams().list()]}


def show_team(asked: Asked, team: str) -> dict[str, Any]:
    """One team."""
    [standing] = asked.desk.teams().list(team)
    return standing.as_json()


def list_decisions(asked: Asked) -> dict[str, Any]:
    """Whom leads were given to."""
    query = asked.query
    teams = asked.desk.teams()
    return asked.page(
        teams.decisions(query.get("team"), query.get("lead"), limit=query["limit"], after=query.get("after"))
    )


def list_follow_ups(asked: Asked) -> dict[str, Any]:
    """The leads that nobody has reacted to."""
    query = asked.query
    route = query.get("route")
    page = asked.desk.follow_ups().list(
        route=None if route is None else RouteName(route),
        lead=query.get("lead"),
        limit=query["limit"],
        after=query.get("after"),
    )
    return asked.page(page)


CALLS = (
    Call(
        method="GET", path="/teams", does=list_teams, answer=TeamsSchema, about="List teams, and what each member has."
    ),
    Call(
        method="GET", path="/teams/<team>", does=show_team, answer=TeamSchema, about="Show one team.", refusals=(404,)
    ),
    Call(
        method="GET",
        path="/decisions",
        does=list_decisions,
        query=DecisionsQuery,
        answer=DecisionPage,
        about="List who was given which lead, and why, the newest first.",
        notes="Of the last 10,000.",
        refusals=(404,),
    ),
    Call(
        method="GET",
        path="/follow-ups",
        does=list_follow_ups,
        query=FollowUpsQuery,
        answer=FollowUpPage,
        about="List the leads that nobody has reacted to yet, and who is reminded when.",
        notes="Those that are due first come first; one that is put off meanwhile comes again, at its new time.",
    ),
)
