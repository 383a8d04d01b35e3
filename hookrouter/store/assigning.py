"""Leads that wait for somebody of a team, in one stream: whoever has its lease is the only one who gives them out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from hookrouter.domain.assignment import Board
from hookrouter.domain.ids import Who
from hookrouter.domain.teams import OPEN_FOR, Teams
from hookrouter.ports.assigning import AssignedEntries, AssignEntry, OpenChange, TeamMemory
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.commands import Command
from hookrouter.store.intake import put_in_enrich
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import Lease
from hookrouter.store.settling import put_in_outboxes
from hookrouter.store.silences import log_silenced
from hookrouter.store.standing import moment_of
from hookrouter.store.teams import board_of, board_questions, given_of, open_since
from hookrouter.wire.kept.assigning import read_assigning, write_decision, write_given, write_team_state
from hookrouter.wire.kept.silences import listening

TEAM_LIFE = 366 * 86_400
"""Seconds that a team's turns are remembered without a lead: who comes back after a year begins anew."""
GIVEN_LIFE = int(OPEN_FOR.total_seconds())
MOST_DECISIONS = 10_000
"""They are for looking things up, not the truth: the oldest beyond this are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAssigner:
    """What waits for somebody of a team; see `ports.assigning.Assigner`."""

    lease: Lease
    keys: Keys
    layouts: Layouts
    observer: Observer

    async def read(self, count: int) -> Sequence[AssignEntry]:
        """The oldest entries; what cannot be read is set aside."""
        return await streams.read_each(
            self.lease,
            self.keys,
            self.observer,
            after=None,
            count=count,
            make=lambda entry, record: AssignEntry(id=entry, wanted=read_assigning(record)),
        )

    async def memory(self, teams: Teams, leads: Sequence[Who]) -> TeamMemory:
        """What is known of the teams and of these leads, by Redis' clock, which all workers share."""
        time, silences = await self.lease.server.call_all([("TIME",), ("HVALS", self.keys.silences())])
        now = moment_of(time)
        asked: list[Command] = [("HGETALL", self.keys.given(*who)) for who in leads]
        answers = await self.lease.server.call_all([*asked, *board_questions(self.keys, teams, now)])
        given = {who: given_of(found) for who, found in zip(leads, answers[: len(leads)], strict=True)}
        board = board_of(teams, answers[len(leads) :])
        return TeamMemory(board=board, given=given, now=now, silences=listening(silences))

    async def commit(self, assigned: AssignedEntries, board: Board) -> bool:
        """Write what the entries led to, in one step with their removal."""
        commands: list[Command] = [
            ("SET", self.keys.team(team), write_team_state(board.state(team)), "EX", TEAM_LIFE)
            for team in assigned.teams
        ]
        for who, by_team in assigned.given.items():
            written = [part for team, given in by_team.items() for part in (team, write_given(given))]
            commands += [("HSET", self.keys.given(*who), *written), ("EXPIRE", self.keys.given(*who), GIVEN_LIFE)]
        for change in assigned.opened:
            commands += self._keep_open(change)
        commands += [
            ("XADD", self.keys.decisions(), "MAXLEN", "~", MOST_DECISIONS, "*", streams.FIELD, write_decision(each))
            for each in assigned.decisions
        ]
        commands += log_silenced(self.keys, assigned.handed.silenced)
        commands += [put_in_enrich(self.keys, each, assigned.at) for each in assigned.handed.enriching]
        commands.append(streams.remove(self.lease.stream, assigned.entries))
        return await self.layouts.write(
            self.lease, lambda layout: [*put_in_outboxes(self.keys, layout, assigned.handed.deliveries), *commands]
        )

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the lease while the block runs; the next commit tells if it was lost."""
        return self.lease.kept()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()

    def _keep_open(self, change: OpenChange) -> list[Command]:
        key = self.keys.open_leads(change.team, change.owner)
        lead = self.keys.given(*change.who)
        if change.since is None:
            return [("ZREM", key, lead)]
        since = int(change.since.timestamp() * 1000)
        forgotten = ("ZREMRANGEBYSCORE", key, "-inf", open_since(change.since))
        return [("ZADD", key, since, lead), forgotten, ("EXPIRE", key, GIVEN_LIFE)]
