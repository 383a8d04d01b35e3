"""Who of a team gets a lead, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName, TeamName
from hookrouter.domain.lead import Json
from hookrouter.domain.team_turns import who_is_next
from hookrouter.domain.teams import NEW_TEAM, Member, Team, Teams, TeamState


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Whom a lead was given to.

    Attributes:
        owner: the person's id in the CRM, as in `ownerID`; '' when nobody of the team may take the lead.
        name: what people call that person.
        slack: that person's id in Slack, such as U02ADA; '' when it is not known.
        email: that person's address; '' likewise.
        team: the team that the person is on; '' for one to whom people gave the lead.
        reason: why this person and no other, in words: `Ben away, Ada at the limit, Cem next`.
    """

    owner: str
    name: str = ""
    slack: str = ""
    email: str = ""
    team: str = ""
    reason: str = ""

    def in_place_of_signs(self) -> dict[int, str]:
        """What replaces each sign of `WHOEVER_IS_NEXT` once it is known who that is."""
        return {ord(sign): getattr(self, name) for name, sign in SIGNS.items()}

    @property
    def is_somebody(self) -> bool:
        """Whether somebody has the lead."""
        return bool(self.owner)


SIGNS = {
    name: chr(0xE000 + number) for number, name in enumerate(("owner", "name", "slack", "email", "team", "reason"))
}
"""Characters that mean nothing in any text, as placeholders for what is not yet known of a person."""
WHOEVER_IS_NEXT = Assigned(**SIGNS)
"""Stands for the person in a text that is made before that person is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Somebody is wanted for a lead.

    Attributes:
        push: the push that brought the lead, which has its `place` there: one push of a lead goes to one person.
        owner: who owns the lead in the CRM, according to the push; '' is nobody.
        excluded: who had it and is not to get it again, by their ids in the CRM.
        step: the follow-up step that gives it to the next person; '' for a route's own message.
    """

    team: TeamName
    push: PushId
    place: int
    owner: str = ""
    excluded: tuple[str, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is remembered about giving a lead to somebody.

    Attributes:
        to: the person, who may be on another team than the one that was asked.
        push: the push by which the person got it, or was confirmed; the lead has its `place` there.
        owner_before: who owned it in the CRM until then.
        at: when the person got it.
        is_open: nobody has changed its status or owner since; false for a lead that the person had without us.
        step: the follow-up step by which the person got it; '' if there was none.
    """

    to: Assigned
    push: PushId
    place: int
    owner_before: str
    at: datetime
    is_open: bool = True
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whom a lead was given to, for those who look it up.

    Attributes:
        asked: the team that was asked for somebody; the person may be on the team that stands in for it.
        is_new: whether the person did not have the lead before.
    """

    asked: TeamName
    assigned: Assigned
    route: RouteName
    push: PushId
    source: SourceName
    lead_key: LeadKey
    at: datetime
    is_new: bool

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "team": self.asked,
            "lead": self.lead_key,
            "owner": self.assigned.owner,
            "name": self.assigned.name,
            "reason": self.assigned.reason,
            "route": self.route,
            "push": self.push,
        }


@dataclass(slots=True, kw_only=True)
class Board:
    """Where all teams stand while leads are given out one after another.

    Attributes:
        open: how many leads each person has that nobody has touched yet, by team.
    """

    states: dict[TeamName, TeamState] = field(default_factory=dict)
    open: dict[TeamName, dict[str, int]] = field(default_factory=dict)

    def state(self, team: TeamName) -> TeamState:
        """Where a team stands."""
        return self.states.get(team, NEW_TEAM)

    def note_open(self, team: TeamName, owner: str, count: int) -> None:
        """Note that a person has this many open leads more, or fewer if it is negative."""
        of_team = self.open.setdefault(team, {})
        of_team[owner] = max(0, of_team.get(owner, 0) + count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided about a lead.

    Attributes:
        to: the sink that gets it instead of the route's own when nobody may take it.
        given: what is to be remembered; None when nobody has it.
        is_new: whether the person did not have it before.
    """

    assigned: Assigned
    to: SinkName | None = None
    given: Given | None = None
    is_new: bool = False


def decide(teams: Teams, board: Board, wanted: Wanted, earlier: Given | None, at: datetime) -> Decided:
    """Give a lead to somebody, and note that on the board.

    Args:
        teams: the teams of the configuration.
        board: where they stand; it is updated by the decision.
        wanted: the lead and the team.
        earlier: to whom the same team gave it before.
        at: the moment of the decision.
    """
    team = teams.get(wanted.team)
    if team is None:
        reason = f"there is no team {wanted.team} any more"
        return Decided(assigned=Assigned(owner="", team=wanted.team, reason=reason))
    if wanted.step and not wanted.excluded and earlier is not None and not earlier.step:
        # When the step came due the lead still waited here, so nobody had it to be excluded.
        wanted = replace(wanted, excluded=(earlier.to.owner,))
    kept = _kept(teams, team, wanted, earlier, at)
    if kept is not None:
        return Decided(assigned=kept.to, given=kept)
    picked = _pick(teams, team, board, wanted, at)
    if picked.is_new and earlier is not None and earlier.is_open:
        board.note_open(TeamName(earlier.to.team), earlier.to.owner, -1)
    return picked


def _kept(teams: Teams, team: Team, wanted: Wanted, earlier: Given | None, at: datetime) -> Given | None:
    """Whoever has the lead and keeps it."""
    if earlier is not None and earlier.to.owner not in wanted.excluded:
        if (earlier.push, earlier.place) == (wanted.push, wanted.place):
            return earlier
        if team.keep_owner and (to := _still(teams, earlier, wanted, at)) is not None:
            return replace(earlier, to=to, push=wanted.push, place=wanted.place, step=wanted.step)
    if not team.keep_owner or wanted.owner in {"", *wanted.excluded}:
        return None
    member = team.member(wanted.owner)
    if member is not None and not team.is_away(member, at):
        to = assigned_to(team, member, f"{team.called(member)} owns this lead in the CRM")
    elif member is None and earlier is not None and _is_moved(earlier, wanted):
        to = outsider(wanted.owner)
    else:
        return None
    return Given(to=to, push=wanted.push, place=wanted.place, owner_before=wanted.owner, at=at, is_open=False)


def outsider(owner: str) -> Assigned:
    """Somebody to whom a person gave a lead, and who is on no team that was asked."""
    name = f"user {owner}"
    return Assigned(owner=owner, name=name, reason=f"a person gave this lead to {name}, who is not of the team")


def _is_moved(earlier: Given, wanted: Wanted) -> bool:
    """Whether a lead has another owner than when it was given out, and not the person it was given to."""
    return wanted.owner not in {"", earlier.owner_before, earlier.to.owner}


def _still(teams: Teams, earlier: Given, wanted: Wanted, at: datetime) -> Assigned | None:
    """The person who had the lead, if they still have it; None if it was moved, or the person is away or gone."""
    if not earlier.to.team:
        return earlier.to if wanted.owner == earlier.to.owner else None
    now = None if _is_moved(earlier, wanted) else _now(teams, earlier.to, at)
    return None if now is None else replace(now, reason=f"{_called(teams, now)} has this lead already")


def _now(teams: Teams, to: Assigned, at: datetime) -> Assigned | None:
    """The person a lead was given to, as the configuration describes them now; None if they are away or gone."""
    team = teams.get(TeamName(to.team))
    member = None if team is None else team.member(to.owner)
    return None if team is None or member is None or team.is_away(member, at) else assigned_to(team, member, to.reason)


def as_described_now(teams: Teams, to: Assigned) -> Assigned:
    """The person a lead was given to, with the current addresses; nobody if they are no longer on the team."""
    if not to.team or not to.is_somebody:
        return to  # a person in the CRM whom the configuration never knew
    team = teams.get(TeamName(to.team))
    member = None if team is None else team.member(to.owner)
    if team is None or member is None:
        return Assigned(owner="", team=to.team, reason=f"{to.name or to.owner} is not of the team any more")
    return assigned_to(team, member, to.reason)


def _called(teams: Teams, to: Assigned) -> str:
    team = teams[TeamName(to.team)]
    member = team.member(to.owner)
    return to.name if member is None else team.called(member)


def _pick(teams: Teams, team: Team, board: Board, wanted: Wanted, at: datetime) -> Decided:
    """Pick whoever is next on this team, or on the team that takes over when nobody on it may."""
    asked: list[TeamName] = []
    reasons: list[str] = []
    while True:
        asked.append(team.name)
        ways = [f"{team.name}: "] if len(asked) > 1 else [""]
        found = who_is_next(team, board.state(team.name), board.open.get(team.name, {}), at, wanted.excluded)
        reasons.append(ways[0] + found.reason)
        if found.member is not None:
            board.states[team.name] = found.state
            board.note_open(team.name, found.member.owner, 1)
            to = assigned_to(team, found.member, "; ".join(reasons))
            given = Given(
                to=to, push=wanted.push, place=wanted.place, owner_before=wanted.owner, at=at, step=wanted.step
            )
            return Decided(assigned=to, given=given, is_new=True)
        follower = None if team.otherwise is None else teams.get(team.otherwise)
        if follower is None or follower.name in asked:
            nobody = Assigned(owner="", team=team.name, reason="; ".join(reasons))
            return Decided(assigned=nobody, to=team.otherwise_to)
        team = follower


def assigned_to(team: Team, member: Member, reason: str) -> Assigned:
    """A member as the person that a lead is assigned to."""
    return Assigned(
        owner=member.owner, name=member.name, slack=member.slack, email=member.email, team=team.name, reason=reason
    )
