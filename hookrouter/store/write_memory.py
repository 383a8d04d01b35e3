"""What we lately wrote to leads at the CRM, so that echoes and loops are recognised, and no call is logged twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.ids import SourceName
from hookrouter.domain.own_writes import GONE, MADE
from hookrouter.ports.crm import Recollection
from hookrouter.ports.surroundings import Clock
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.wire.kept.written import write_written

ECHO_WITHIN = timedelta(days=1)
"""How late a push may come and still be an echo: as late as the spool, or a CRM that was away, may bring it."""
GONE_WITHIN = timedelta(days=3)
"""Of a deletion no push tells, but a sweep some day."""
WHOLE_LEAD = {Action.CREATE: MADE, Action.DELETE: GONE}
BEGUN_FOR = timedelta(days=7)
"""Until somebody starts a worker again, and the delivery is tried again."""
LOOPS_SHOWN = timedelta(hours=6)

BEGUN, DOUBTED = "begun", "doubted"
"""A call's logging began; and the same, when its delivery was told that nobody knows what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWriteMemory:
    """The memory in Redis; see `ports.crm.WriteMemory`.

    Attributes:
        sources: where the CRM may push a lead back.
    """

    server: AsyncRedisServer
    keys: Keys
    sources: Sequence[SourceName]
    clock: Clock

    async def recall(self, writes: Sequence[CrmWrite]) -> Sequence[Recollection]:
        """What is remembered of each."""
        asked: list[Command] = []
        for write in writes:
            asked.append(("HMGET", self.keys.rounds(write.lead), write.content, _by_route(write)))
            if write.action is Action.LOG_CALL:
                asked.append(("GET", self.keys.call_begun(write.delivery)))
        answers = iter(await self.server.call_all(asked))
        recalled: list[Recollection] = []
        for write in writes:
            same, any_ = next(answers)
            begun = next(answers) if write.action is Action.LOG_CALL else None
            is_doubtful = _is_in_doubt(begun, write)
            recalled.append(Recollection(same=int(same or 0), any=int(any_ or 0), in_doubt=is_doubtful))
        return recalled

    async def note(self, writes: Sequence[CrmWrite]) -> Sequence[bool]:
        """Remember what is written now; whether of each nothing was remembered before."""
        notes = [self._notes(write) for write in writes]
        answers = iter(await self.server.call_all([command for commands in notes for command in commands]))
        return [_all_new(commands, [next(answers) for _ in commands]) for commands in notes]

    async def settle(self, writes: Sequence[CrmWrite], written: Sequence[bool | None], noted: Sequence[bool]) -> None:
        """Remember what came of each; what was not written can have no echo, unless the same was before."""
        commands: list[Command] = []
        counted: list[CrmWrite] = []
        for write, was_written, was_noted in zip(writes, written, noted, strict=True):
            match was_written:
                case True:
                    counted.append(write)
                case False:
                    commands += self._forget(write, with_marks=was_noted)
                case None if write.action is Action.LOG_CALL:
                    commands.append(self._begun(write, DOUBTED))
        await self.server.call_all(commands)
        if counted:
            lives = [int(write.loop.within.total_seconds()) for write in counted]
            names = [(life, write.content, _by_route(write)) for life, write in zip(lives, counted, strict=True)]
            keys = [self.keys.rounds(write.lead) for write in counted]
            await self.server.run("rounds", keys, [part for each in names for part in each])

    async def note_loop(self, write: CrmWrite) -> None:
        """Let those who look know."""
        at = self.clock.now().isoformat(timespec="seconds")
        key, life = self.keys.loops(), int(LOOPS_SHOWN.total_seconds())
        await self.server.call_all([("HSET", key, f"{write.sink}:{write.route}", at), ("EXPIRE", key, life)])

    def _notes(self, write: CrmWrite) -> list[Command]:
        commands: list[Command] = [self._begun(write, BEGUN)] if write.action is Action.LOG_CALL else []
        pairs = [part for pair in self._marks(write) for part in pair]
        life = int((GONE_WITHIN if write.action is Action.DELETE else ECHO_WITHIN).total_seconds())
        for key in self._places(write) if pairs else ():
            commands += [("HSET", key, *pairs), ("EXPIRE", key, life)]
        return commands

    def _marks(self, write: CrmWrite) -> list[tuple[str, bytes]]:
        now = self.clock.now()
        if write.action in WHOLE_LEAD:
            return [write_written(WHOLE_LEAD[write.action], None, now)]
        return [write_written(name, value, now) for name, value in write.fields.items()]

    def _places(self, write: CrmWrite) -> list[str]:
        """Where whoever routes the lead will look: in each source, under its id or its address."""
        return [self.keys.written(source, write.lead) for source in self.sources]

    def _begun(self, write: CrmWrite, state: str) -> Command:
        key, life = self.keys.call_begun(write.delivery), int(BEGUN_FOR.total_seconds())
        return ("SET", key, f"{state}:{write.try_of}", "EX", life)

    def _forget(self, write: CrmWrite, *, with_marks: bool) -> list[Command]:
        if write.action is Action.LOG_CALL:
            return [("DEL", self.keys.call_begun(write.delivery))]
        marks = [mark for mark, _ in self._marks(write)] if with_marks else []
        return [("HDEL", key, *marks) for key in self._places(write)] if marks else []


def _by_route(write: CrmWrite) -> str:
    return f"{write.sink}\x1f{write.route}"


def _is_in_doubt(begun: bytes | None, write: CrmWrite) -> bool:
    """Whether a call may be logged already; who replays what was told to be in doubt means it."""
    if begun is None:
        return False
    state, _, try_of = begun.decode().partition(":")
    return state == BEGUN or try_of == write.try_of


def _all_new(commands: Sequence[Command], answers: Sequence[object]) -> bool:
    """Whether each field that was set is new: Redis tells how many are."""
    pairs = zip(commands, answers, strict=True)
    return all(answer == len(command) // 2 - 1 for command, answer in pairs if command[0] == "HSET")
