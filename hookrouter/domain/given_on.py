"""Given on: a lead that goes to another person, and what a message that waited meanwhile says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from hookrouter.domain.assignment import Assigned, Given, assigned_to, outsider
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import PushId, RouteName, TeamName, Who
from hookrouter.domain.teams import Teams

GivenBy = Mapping[TeamName, Given]
"""Whom a lead was given to, by the team that was asked."""


def is_given(delivery: Delivery) -> bool:
    """Whether a delivery tells of a lead that somebody was given."""
    return delivery.assigned is not None and delivery.assigned.is_somebody


def as_given_now(delivery: Delivery, asked: Mapping[RouteName, TeamName], given: Mapping[Who, GivenBy]) -> Delivery:
    """A delivery, or the members of a digest, with the person who has its lead now in place of whoever had it.

    Who has a lead is remembered in one step with the deliveries that say so; if the two differ, the memory is newer.

    Args:
        delivery: one that has waited.
        asked: the team that each route asks for somebody.
        given: whom leads were given to.
    """
    if delivery.members:
        members = tuple(as_given_now(member, asked, given) for member in delivery.members)
        return replace(delivery, members=members) if members != delivery.members else delivery
    former, team = delivery.assigned, asked.get(delivery.route)
    now = None if team is None else given.get(delivery.who, {}).get(team)
    if former is None or not former.is_somebody or now is None or now.to.owner == former.owner:
        return delivery
    return replace(delivery, assigned=now.to, say="" if _names(delivery.say, former) else delivery.say)


def claimed(teams: Teams, owner: str, given: GivenBy, at: datetime) -> GivenBy:
    """Whom a lead counts as given to once somebody has claimed it, for each team that may be asked.

    Without this the lead's next push, which may not know the new owner yet, would go to whoever had it before.
    """
    of = next((team for team in teams.values() if team.member(owner) is not None), None)
    if of is None or (member := of.member(owner)) is None:
        return {}
    to = assigned_to(of, member, f"{of.called(member)} claimed this lead")
    asked = [*given, *(team.name for team in teams.values() if team.member(owner) is not None)]
    return {team: _claimed(given.get(team), to, at) for team in dict.fromkeys(asked)}


def moved(teams: Teams, owner: str, given: GivenBy, at: datetime) -> GivenBy:
    """Whom a lead counts as given to once a person gave it to somebody in the CRM, for the teams to which that is news.

    Without this a waiting message, or a waiting write to the CRM, would still name whoever had it before.
    """
    found: dict[TeamName, Given] = {}
    for asked, earlier in given.items():
        team = teams.get(asked)
        if not owner or team is None or earlier.to.owner == owner:
            continue
        member = team.member(owner)
        why = "" if member is None else f"a person gave this lead to {team.called(member)}"
        found[asked] = _claimed(earlier, outsider(owner) if member is None else assigned_to(team, member, why), at)
    return found


def _claimed(earlier: Given | None, to: Assigned, at: datetime) -> Given:
    if earlier is None:
        return Given(to=to, push=PushId(""), place=0, owner_before="", at=at, is_open=False)
    before = earlier.owner_before if earlier.to.owner == to.owner else earlier.to.owner
    return Given(to=to, push=earlier.push, place=earlier.place, owner_before=before, at=at, is_open=False)


def _names(text: str, person: Assigned) -> bool:
    """Whether a text may name a person; if in doubt, yes, since the usual text can replace it."""
    said = text.casefold()
    parts = (*person.name.split(), person.owner, person.slack, person.email)
    return any(part.casefold() in said for part in parts if part)
