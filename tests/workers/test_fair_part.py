"""Workers share streams evenly, whoever comes and goes; and one that is alone asks nobody."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from hookrouter.clock import SystemClock
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.turns import RedisTurns
from workers.fair_part import LEFT_FOR, FairPart, Held

STREAMS = [f"stream:{number}" for number in range(8)]


class Asked(RedisServer):
    """Counts the questions."""

    questions = 0

    def run(self, *arguments: Any) -> Any:
        self.questions += 1
        return super().run(*arguments)


class Watch(SystemClock):
    """Stands still between looks."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Bell:
    rung: int = 0

    def ring(self, stage: Stage) -> None:
        assert stage is Stage.ROUTE
        self.rung += 1


@dataclass
class Worker:
    """Serves what it is to serve, under leases, until it is to give that up."""

    name: str
    server: Asked
    keys: Keys
    clock: Watch
    bell: Bell = field(default_factory=Bell)
    served: dict[str, tuple[Held, ExitStack]] = field(default_factory=dict)
    moves: int = 0

    def __post_init__(self) -> None:
        turns = RedisTurns(server=self.server, keys=self.keys, stage=Stage.ROUTE, worker=self.name)
        self.part = FairPart[str](turns, self.stream_of, clock=self.clock, others=self.bell, look=lambda: None)

    def stream_of(self, at: str) -> str:
        return f"{self.keys.prefix}:{at}"

    async def look(self, *ready: str) -> None:
        """Look, begin what is to be begun, and end what is given up."""
        for at in await self.part.choose(ready or STREAMS):
            self.begin(at)
        for at in [at for at, (turn, _) in self.served.items() if turn.is_given_up]:
            self.end(at)

    def begin(self, at: str) -> None:
        lease = self.keys.lease(self.stream_of(at))
        if self.part.may_begin(at) and self.server.call("SET", lease, f"{self.name}_0123456789ab", "NX"):
            stack = ExitStack()
            self.served[at] = stack.enter_context(self.part.serving(at, Held())), stack
            self.moves += 1

    def end(self, at: str) -> None:
        self.served.pop(at)[1].close()
        self.server.call("DEL", self.keys.lease(self.stream_of(at)))

    async def die(self) -> None:
        """Let its leases run out, and its signs of life."""
        for at in list(self.served):
            self.end(at)
        await self.part.close()


@dataclass
class Company:
    server: Asked
    keys: Keys
    clock: Watch = field(default_factory=Watch)
    workers: list[Worker] = field(default_factory=list)

    def join(self) -> Worker:
        self.workers.append(Worker(f"host_{len(self.workers)}", self.server, self.keys, self.clock))
        return self.workers[-1]

    async def seconds(self, count: int) -> None:
        for _ in range(count):
            self.clock.seconds += 1.0
            for worker in self.workers:
                await worker.part.look_around()
                await worker.look()

    @property
    def counts(self) -> list[int]:
        return sorted(len(worker.served) for worker in self.workers)

    @property
    def moves(self) -> int:
        return sum(worker.moves for worker in self.workers)


def company_of(server: RedisServer, keys: Keys) -> Company:
    [host] = [server.client.connection_pool.connection_kwargs]
    return Company(Asked(f"redis://{host['host']}:{host['port']}/{host.get('db', 0)}"), keys)


async def test_a_worker_alone_takes_all_at_once_and_asks_nobody(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    alone = company.join()
    await alone.part.look_around()
    company.server.questions = 0

    await alone.look(*STREAMS[:1])
    await alone.look()
    await alone.look()

    assert list(alone.served) == STREAMS
    assert company.server.questions == 0
    assert alone.bell.rung == 0


async def test_what_waits_is_begun_at_once_where_nobody_else_is_at_work(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    one, idle = company.join(), company.join()
    await idle.part.look_around()

    await one.look(*STREAMS[:1])
    await one.look(*STREAMS[:3])

    assert list(one.served) == STREAMS[:3]


async def test_workers_that_come_get_their_part_and_then_nothing_moves(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    company.join()
    await company.seconds(2)

    for expected in ([4, 4], [2, 3, 3], [2, 2, 2, 2]):
        company.join()
        await company.seconds(6)
        assert company.counts == expected
        before = company.moves
        await company.seconds(10)
        assert company.moves == before
    assert company.workers[0].bell.rung > 0


async def test_what_hangs_is_given_up_last(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    rich = company.join()
    await company.seconds(1)
    for at in STREAMS[3:]:
        rich.served[at][0].is_hanging = True
    poor = company.join()
    await company.seconds(6)

    assert sorted(poor.served) == [*STREAMS[:3], STREAMS[7]]
    assert sorted(rich.served) == STREAMS[3:7]


async def test_what_one_leaves_that_dies_is_shared_by_the_others(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    for _ in range(3):
        company.join()
    await company.seconds(8)
    assert company.counts == [2, 3, 3]

    await company.workers.pop(1).die()
    await company.seconds(6)
    assert company.counts == [4, 4]
    await company.workers.pop(1).die()
    await company.seconds(2)
    assert company.counts == [8]


async def test_a_stream_that_was_given_up_is_not_begun_by_a_ring_of_before(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    rich = company.join()
    await company.seconds(1)
    poor = company.join()
    while not (given_up := sorted(set(STREAMS) - set(rich.served))):
        company.clock.seconds += 1.0
        await poor.part.choose(STREAMS)
        await rich.part.look_around()
        await rich.look()

    assert given_up == STREAMS[4:]
    assert not any(map(rich.part.may_begin, given_up))
    await poor.die()
    company.clock.seconds += LEFT_FOR
    await rich.look()
    assert all(map(rich.part.may_begin, given_up))
    assert sorted(rich.served) == STREAMS


async def test_one_that_has_enough_seeks_no_more_at_once(server: RedisServer, keys: Keys) -> None:
    company = company_of(server, keys)
    rich = company.join()
    await company.seconds(1)
    poor = company.join()
    await company.seconds(2)
    assert server.call("ZRANGE", keys.seeking(Stage.ROUTE), 0, -1) == [poor.name.encode()]

    company.clock.seconds += 1.0
    await rich.look()
    await poor.look()

    assert len(poor.served) == 4
    assert server.call("ZRANGE", keys.seeking(Stage.ROUTE), 0, -1) == []
