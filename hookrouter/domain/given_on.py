"""Given on: what is told of a lead that went to another person while the message about it waited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hookrouter.domain.assignment import Assigned, Given
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import RouteName, TeamName, Who

GivenBy = Mapping[TeamName, Given]
"""Whom a lead was given to, by the team that was asked."""


def is_given(delivery: Delivery) -> bool:
    """Whether it tells somebody of the lead that the person got."""
    return delivery.assigned is not None and delivery.assigned.is_somebody


def as_given_now(delivery: Delivery, asked: Mapping[RouteName, TeamName], given: Mapping[Who, GivenBy]) -> Delivery:
    """A delivery, or the members of a digest, with whoever has its lead by now in the place of who had it.

    Who has a lead is remembered in one step with the deliveries that say so: where the two differ, the memory is newer.

    Args:
        delivery: that waited.
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


def _names(text: str, person: Assigned) -> bool:
    """Whether a text may speak of a person; if in doubt it does, for the usual text takes its place."""
    said = text.casefold()
    parts = (*person.name.split(), person.owner, person.slack, person.email)
    return any(part.casefold() in said for part in parts if part)
