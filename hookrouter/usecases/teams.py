"""Teams: look at who is next, what each member has, and how leads were given out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.assignment import Board, Decision
from hookrouter.domain.errors import NotFound
from hookrouter.domain.ids import TeamName
from hookrouter.domain.lead import Json
from hookrouter.domain.team_turns import Next, who_is_next, why_not_now
from hookrouter.domain.teams import Member, Per, Score, Team, Teams
from hookrouter.ports.assigning import TeamDesk
from hookrouter.ports.desk import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStanding:
    """What one member has.

    Attributes:
        why_not: why the person gets no lead now; '' when the person may.
        open: leads that the person was given and nobody touched.
    """

    member: Member
    is_next: bool
    why_not: str
    today: int
    this_hour: int
    given: int
    open: int

    def as_json(self) -> dict[str, Json]:
        """As `teams list --json` prints it."""
        return {
            "owner": self.member.owner,
            "name": self.member.name,
            "share": self.member.share,
            "next": self.is_next,
            "not_now": self.why_not,
            "today": self.today,
            "this_hour": self.this_hour,
            "given": self.given,
            "open": self.open,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamStanding:
    """Where one team stands."""

    team: Team
    next: Next
    members: tuple[MemberStanding, ...]

    def as_json(self) -> dict[str, Json]:
        """As `teams list --json` prints it."""
        team, limit = self.team, self.team.limit
        return {
            "team": team.name,
            "pick": team.pick.value,
            "next": None if self.next.member is None else self.next.member.owner,
            "reason": self.next.reason,
            "limit": None if limit is None else {"leads": limit.leads, "per": limit.per.value},
            "otherwise": team.otherwise or team.otherwise_to,
            "members": [member.as_json() for member in self.members],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpTeams:
    """Shows where the teams of a configuration stand; gives nothing out."""

    teams: Teams
    memory: TeamDesk

    def list(self, name: str | None = None) -> Sequence[TeamStanding]:
        """Where all teams stand, or one.

        Raises:
            NotFound: there is none of this name.
        """
        wanted = self._wanted(name)
        at = self.memory.now()
        board = self.memory.board(wanted, at)
        return [standing_of(team, board, at) for team in wanted.values()]

    def decisions(self, name: str | None, lead: str | None, *, limit: int, after: str | None = None) -> Page[Decision]:
        """The last decisions, the newest first: of all teams or one, of all leads or one, behind a page's end.

        Raises:
            NotFound: there is no team of this name.
        """
        if name is not None:
            self._wanted(name)
        return self.memory.decisions(None if name is None else TeamName(name), lead, limit=limit, after=after)

    def _wanted(self, name: str | None) -> Mapping[TeamName, Team]:
        if name is None:
            return self.teams
        if name not in self.teams:
            known = ", ".join(self.teams) or "none"
            raise NotFound(f"the configuration has no team {name}; it has {known}")
        return {TeamName(name): self.teams[TeamName(name)]}


def standing_of(team: Team, board: Board, at: datetime) -> TeamStanding:
    """Where a team stands at a moment."""
    state, open_now = board.state(team.name), board.open.get(team.name, {})
    following = who_is_next(team, state, open_now, at)
    local = at.astimezone(team.timezone)

    def standing(member: Member) -> MemberStanding:
        score: Score = state.score(member.owner)
        return MemberStanding(
            member=member,
            is_next=member == following.member,
            why_not=why_not_now(team, member, state, at),
            today=score.within(Per.DAY, local),
            this_hour=score.within(Per.HOUR, local),
            given=score.given,
            open=open_now.get(member.owner, 0),
        )

    return TeamStanding(team=team, next=following, members=tuple(map(standing, team.members)))
