"""Who of a team is next, and why nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from hookrouter.domain.fair_turns import Turn, next_turn, without
from hookrouter.domain.teams import Member, Per, Pick, Score, Team, TeamState, day_of, hour_of

MOST_GONE = 100
"""Of those who left a team, whose counts are kept."""
MOST_NAMED = 5
"""Of those who may not take a lead, in a reason: nobody reads more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Who of a team is next; `member` is None when nobody may take a lead.

    Attributes:
        state: of the team when the person has taken it.
    """

    member: Member | None
    reason: str
    state: TeamState


def who_is_next(
    team: Team, state: TeamState, open_now: Mapping[str, int], at: datetime, excluded: tuple[str, ...] = ()
) -> Next:
    """Who of a team is next at a moment, and why; `open_now` counts the leads that each has and nobody touched."""
    state = settled(team, state)
    why_not = {member.owner: why_not_now(team, member, state, at, excluded) for member in team.members}
    absent = [f"{team.called(member)} {why_not[member.owner]}" for member in team.members if why_not[member.owner]]
    there = [member for member in team.members if not why_not[member.owner]]
    told = absent[:MOST_NAMED] + ([f"{len(absent) - MOST_NAMED} more not there"] if len(absent) > MOST_NAMED else [])
    if not there:
        return Next(member=None, reason=f"{', '.join(told)}: nobody may take it", state=state)
    turn, why = _turn(team, there, state, open_now)
    member = next(each for each in there if each.owner == turn.whose)
    reason = ", ".join([*told, f"{team.called(member)} {why}"])
    return Next(member=member, reason=reason, state=_after(team, state, turn, at))


def why_not_now(team: Team, member: Member, state: TeamState, at: datetime, excluded: tuple[str, ...] = ()) -> str:
    """Why a member may not take a lead at a moment, in words; '' for one who may."""
    local = at.astimezone(team.timezone)
    if team.is_away(member, at):
        return "away"
    if member.time is not None and not member.time.is_open(at):
        return "not at work"
    if team.limit is not None and state.score(member.owner).within(team.limit.per, local) >= team.limit.leads:
        return "at the limit"
    return "had it before" if member.owner in excluded else ""


def settled(team: Team, state: TeamState) -> TeamState:
    """The state by the members of now.

    Who is new begins as one who is owed nothing. What those who are gone were owed, or owed, is the others' by their
    shares; their counts are kept for a while, for they may be back on the same day.
    """
    shares = {member.owner: member.share for member in team.members}
    gone = {owner: score for owner, score in state.scores.items() if owner not in shares}
    if not any(score.credit for score in gone.values()) and len(gone) <= MOST_GONE:
        return state
    stay = {owner: score.credit for owner, score in state.scores.items() if owner in shares}
    owed = without({owner: score.credit for owner, score in gone.items()}, stay, shares)
    scores = {owner: replace(state.score(owner), credit=credit) for owner, credit in owed.items()}
    last = sorted(gone, key=lambda owner: gone[owner].day)[-MOST_GONE:]
    return replace(state, scores={**scores, **{owner: replace(gone[owner], credit=0) for owner in last}})


def _turn(team: Team, there: list[Member], state: TeamState, open_now: Mapping[str, int]) -> tuple[Turn, str]:
    """Whose turn it is of those who are there, and why."""
    why = "next"
    if team.pick is Pick.FEWEST_OPEN:
        loads = {member.owner: Fraction(open_now.get(member.owner, 0), member.share) for member in there}
        least = min(loads.values())
        there = [member for member in there if loads[member.owner] == least]
        why = "with the fewest open leads" if len(there) < len(loads) else "next, all with as many open leads"
    shares = {member.owner: member.share for member in there}
    return next_turn(shares, {owner: score.credit for owner, score in state.scores.items()}, state.unit), why


def _after(team: Team, state: TeamState, turn: Turn, at: datetime) -> TeamState:
    """The state after somebody's turn."""
    local = at.astimezone(team.timezone)
    scores = {owner: replace(state.score(owner), credit=credit) for owner, credit in turn.credits.items()}
    before = scores[turn.whose]
    scores[turn.whose] = Score(
        credit=before.credit,
        given=before.given + 1,
        day=day_of(local),
        on_day=before.within(Per.DAY, local) + 1,
        hour=hour_of(local),
        in_hour=before.within(Per.HOUR, local) + 1,
    )
    return TeamState(unit=turn.unit, scores=scores)
