"""Leads are given out over days of absences, limits and edits, and held against a simple model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from team_support import NOW, a_team, wanted

from hookrouter.domain.assignment import Board, Decided, Given, decide
from hookrouter.domain.calendar import Holiday
from hookrouter.domain.ids import TeamName
from hookrouter.domain.teams import Limit, Member, Per, Pick, Team

EAST = TeamName("east")
OWNERS = st.sampled_from([str(number) for number in range(6)])


@dataclass
class Model:
    """What everybody was given, in the plainest words."""

    holders: dict[int, str] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    given_on: Counter[tuple[str, str]] = field(default_factory=Counter)
    given_in: Counter[tuple[str, str]] = field(default_factory=Counter)

    def open(self) -> Counter[str]:
        return Counter(owner for lead, owner in self.holders.items() if lead not in self.touched)


class Assigning(RuleBasedStateMachine):
    """One team, whose members come, go and are edited while leads come."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.board = Board()
        self.model = Model()
        self.given: dict[int, Given] = {}
        self.pushes = 0
        self.team = a_team(*(Member(owner=str(number), name=f"M{number}") for number in range(3)))

    @rule()
    def a_lead_comes(self) -> None:
        self._give(len(self.given) + 1)

    @precondition(lambda self: self.given)
    @rule(dice=st.randoms(use_true_random=False))
    def a_lead_comes_again(self, dice: st.DataObject) -> None:
        lead = dice.choice(sorted(self.given))  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        holder, member = self.model.holders[lead], self.team.member(self.model.holders[lead])
        stays = self.team.keep_owner and member is not None and not self.team.is_away(member, self.now)

        decided = self._give(lead)

        if stays:
            assert decided.assigned.owner == holder

    @precondition(lambda self: self.given)
    @rule(dice=st.randoms(use_true_random=False))
    def a_lead_is_left_lying(self, dice: st.DataObject) -> None:
        lead = dice.choice(sorted(self.given))  # type: ignore[attr-defined]  # as above
        holder = self.model.holders[lead]

        decided = self._give(lead, excluded=(holder,))

        assert decided.assigned.owner != holder

    @precondition(lambda self: self.given)
    @rule(dice=st.randoms(use_true_random=False))
    def a_person_touches_a_lead(self, dice: st.DataObject) -> None:
        lead = dice.choice(sorted(self.given))  # type: ignore[attr-defined]  # as above
        given = self.given[lead]
        if given.is_open:
            self.board.note_open(EAST, given.to.owner, -1)
        self.given[lead] = replace(given, is_open=False)
        self.model.touched.add(lead)

    @rule(minutes=st.integers(1, 2000))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(owner=OWNERS, days=st.integers(0, 3))
    def somebody_goes_away(self, owner: str, days: int) -> None:
        today = self.now.astimezone(self.team.timezone).date()
        away = Holiday(first=today, last=today + timedelta(days=days))
        self._edit(owner, lambda member: replace(member, away=(away,)))

    @rule(owner=OWNERS, share=st.integers(1, 5))
    def a_share_is_changed(self, owner: str, share: int) -> None:
        self._edit(owner, lambda member: replace(member, share=share))

    @rule(owner=OWNERS)
    def somebody_joins_or_leaves(self, owner: str) -> None:
        stay = tuple(member for member in self.team.members if member.owner != owner)
        joins = (Member(owner=owner, name=f"M{owner}"),) if len(stay) == len(self.team.members) else ()
        if stay or joins:
            self.team = replace(self.team, members=stay + joins)

    @rule(leads=st.integers(1, 4), per=st.sampled_from([None, *Per]), pick=st.sampled_from([*Pick]), keep=st.booleans())
    def the_rules_are_changed(self, leads: int, per: Per | None, pick: Pick, keep: bool) -> None:
        limit = None if per is None else Limit(leads=leads, per=per)
        self.team = replace(self.team, limit=limit, pick=pick, keep_owner=keep)

    @invariant()
    def what_is_counted_as_open_is_what_nobody_touched(self) -> None:
        counted = {owner: count for owner, count in self.board.open.get(EAST, {}).items() if count}
        assert counted == dict(self.model.open())

    @invariant()
    def nobody_is_owed_two_leads(self) -> None:
        state = self.board.state(EAST)
        assert all(abs(score.credit) < 2 * state.unit for score in state.scores.values())

    def _give(self, lead: int, excluded: tuple[str, ...] = ()) -> Decided:
        self.pushes += 1
        may = [member for member in self.team.members if self._may(member) and member.owner not in excluded]
        open_before = self.model.open()
        teams: dict[TeamName, Team] = {EAST: self.team}
        decided = decide(teams, self.board, wanted(self.pushes, excluded=excluded), self.given.get(lead), self.now)
        owner = decided.assigned.owner
        if decided.given is None:
            assert not may
            return decided
        self.given[lead] = decided.given
        if decided.is_new:
            assert owner in [member.owner for member in may]
            if self.team.pick is Pick.FEWEST_OPEN:
                loads = {member.owner: Fraction(open_before[member.owner], member.share) for member in may}
                assert loads[owner] == min(loads.values())
            self._note(lead, owner)
        return decided

    def _note(self, lead: int, owner: str) -> None:
        self.model.holders[lead] = owner
        self.model.touched.discard(lead)
        day, hour = self._clock(self.now)
        self.model.given_on[owner, day] += 1
        self.model.given_in[owner, hour] += 1

    def _may(self, member: Member) -> bool:
        today = self.now.astimezone(self.team.timezone).date()
        if any(days.first <= today <= days.last for days in member.away):
            return False
        day, hour = self._clock(self.now)
        match self.team.limit:
            case Limit(leads=leads, per=Per.DAY):
                return self.model.given_on[member.owner, day] < leads
            case Limit(leads=leads, per=Per.HOUR):
                return self.model.given_in[member.owner, hour] < leads
            case _:
                return True

    def _clock(self, at: datetime) -> tuple[str, str]:
        local = at.astimezone(self.team.timezone)
        return str(local.date()), f"{local.date()} {local.hour} {local.utcoffset()}"

    def _edit(self, owner: str, change: object) -> None:
        members = tuple(
            change(member) if member.owner == owner else member  # type: ignore[operator]  # a function of one member
            for member in self.team.members
        )
        self.team = replace(self.team, members=members)


TestAssigning = Assigning.TestCase
TestAssigning.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
