"""What teams remember: turns, open leads, whom leads were given to; as questions and as answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hookrouter.domain.assignment import Board, Decision, Given
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.ids import EntryId, TeamName, Who
from hookrouter.domain.teams import OPEN_FOR, Teams
from hookrouter.ports.desk import Page
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.standing import moment_of
from hookrouter.store.stream_looks import place_of_entry
from hookrouter.store.streams import records_of
from hookrouter.wire.kept.assigning import read_decision, read_given, read_team_state
from hookrouter.wire.kept.records import Unreadable

AT_ONCE = 500
"""Decisions that are read in one call."""


def board_questions(keys: Keys, teams: Teams, at: datetime) -> list[Command]:
    """The commands that ask where teams stand."""
    since = open_since(at)
    return [
        question
        for team in teams.values()
        for question in (
            ("GET", keys.team(team.name)),
            *(("ZCOUNT", keys.open_leads(team.name, member.owner), since, "+inf") for member in team.members),
        )
    ]


def board_of(teams: Teams, answers: Sequence[Any]) -> Board:
    """Where teams stand; a state that cannot be read counts as that of a new team."""
    board, rest = Board(), iter(answers)
    for team in teams.values():
        record = next(rest)
        if record is not None:
            with suppress(Unreadable):
                board.states[team.name] = read_team_state(record)
        board.open[team.name] = {member.owner: int(next(rest)) for member in team.members}
    return board


def open_since(at: datetime) -> int:
    """How long ago a lead may have been given that counts as open, in milliseconds of the epoch."""
    return int((at - OPEN_FOR).timestamp() * 1000)


def given_of(found: Mapping[bytes, bytes]) -> GivenBy:
    """Whom a lead was given to; what cannot be read counts as nobody."""
    given: dict[TeamName, Given] = {}
    for team, record in found.items():
        with suppress(Unreadable):
            given[TeamName(team.decode("utf-8", "replace"))] = read_given(record)
    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisTeams:
    """Teams looked up; see `ports.assigning.TeamDesk`."""

    server: RedisServer
    keys: Keys

    def now(self) -> datetime:
        """The moment by which leads are given out."""
        return moment_of(self.server.call("TIME"))

    def board(self, teams: Teams, at: datetime) -> Board:
        """Where teams stand."""
        questions = board_questions(self.keys, teams, at)
        return board_of(teams, self.server.call_all(questions) if questions else [])

    def given(self, who: Who) -> GivenBy:
        """Whom a lead was given to."""
        return given_of(self.server.call("HGETALL", self.keys.given(*who)))

    def decisions(
        self, team: TeamName | None, lead: str | None, *, limit: int, after: str | None = None
    ) -> Page[Decision]:
        """The last decisions, the newest first; of one team or all, of one lead or all."""
        names = {lead} if lead is None else {lead, f"email:{lead.strip().lower()}"}
        found: list[Decision] = []
        for entry, decision in self._newest_first(place_of_entry(after)):
            is_of_lead = lead is None or decision.lead_key in names
            if is_of_lead and team in {None, decision.asked, decision.assigned.team}:
                if len(found) == limit:
                    return Page(found=found, end=after)
                found.append(decision)
            after = entry
        return Page(found=found, end=None)

    def _newest_first(self, after: EntryId | None) -> Iterator[tuple[EntryId, Decision]]:
        while True:
            newest = "+" if after is None else f"({after}"
            entries = records_of(self.server.call("XREVRANGE", self.keys.decisions(), newest, "-", "COUNT", AT_ONCE))
            for entry, record in entries:
                after = entry
                with suppress(Unreadable):
                    yield entry, read_decision(record)
            if len(entries) < AT_ONCE:
                return
