"""Which workers live, who serves which streams, and which workers seek some, on a real server."""

from __future__ import annotations

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.served import ServedLook
from hookrouter.store.server import RedisServer
from hookrouter.store.turns import GONE_AFTER, SEEKS_FOR, RedisTurns, Turns
from hookrouter.wire.kept.layout import write_layout

STREAMS = ["stream:0", "stream:1", "stream:2"]


def turns_of(server: RedisServer, keys: Keys, worker: str, stage: Stage = Stage.DELIVER) -> RedisTurns:
    return RedisTurns(server=server, keys=keys, stage=stage, worker=worker)


def age(server: RedisServer, key: str, worker: str, milliseconds: int) -> None:
    """Have a worker have said something so much longer ago."""
    server.call("ZINCRBY", key, -milliseconds, worker)


def test_a_worker_sees_what_others_serve_and_whether_they_seek(server: RedisServer, keys: Keys) -> None:
    mine, theirs = turns_of(server, keys, "mine"), turns_of(server, keys, "the_irs")
    server.call("SET", keys.lease(STREAMS[1]), "the_irs_0123456789ab")

    assert mine.look(STREAMS, seeks=False) == Turns(workers=1, seekers=set(), served={STREAMS[1]: "the_irs"})
    assert theirs.look([], seeks=True) == Turns(workers=2, seekers=set(), served={})
    assert mine.look(STREAMS, seeks=False) == Turns(workers=2, seekers={"the_irs"}, served={STREAMS[1]: "the_irs"})
    assert theirs.look([], seeks=False) == Turns(workers=2, seekers=set(), served={})
    assert mine.look([], seeks=False) == Turns(workers=2, seekers=set(), served={})
    assert turns_of(server, keys, "mine", Stage.ROUTE).look([], seeks=False) == Turns(workers=1, seekers=set())


def test_who_falls_silent_is_soon_forgotten_by_the_clock_of_the_server(server: RedisServer, keys: Keys) -> None:
    mine, theirs = turns_of(server, keys, "mine"), turns_of(server, keys, "theirs")
    theirs.look([], seeks=True)

    age(server, keys.seeking(Stage.DELIVER), "theirs", int(SEEKS_FOR.total_seconds() * 1000) - 2000)
    assert mine.look([], seeks=False) == Turns(workers=2, seekers={"theirs"})
    age(server, keys.seeking(Stage.DELIVER), "theirs", 2000)
    assert mine.look([], seeks=False) == Turns(workers=2, seekers=set())
    age(server, keys.sharing(Stage.DELIVER), "theirs", int(GONE_AFTER.total_seconds() * 1000))
    assert mine.look([], seeks=False) == Turns(workers=1, seekers=set())


def test_what_workers_say_is_gone_when_none_lives(server: RedisServer, keys: Keys) -> None:
    turns = turns_of(server, keys, "mine")
    turns.look([], seeks=True)

    assert 0 < server.call("PTTL", keys.sharing(Stage.DELIVER)) <= GONE_AFTER.total_seconds() * 1000
    assert 0 < server.call("PTTL", keys.seeking(Stage.DELIVER)) <= SEEKS_FOR.total_seconds() * 1000
    turns.leave()
    assert server.call("EXISTS", keys.sharing(Stage.DELIVER), keys.seeking(Stage.DELIVER)) == 0


def test_who_looks_sees_how_much_each_worker_serves_of_the_intake_and_of_the_sinks(
    server: RedisServer, keys: Keys
) -> None:
    split, whole = SinkName("split"), SinkName("whole")
    changing = Spread(2, 1, Spread(2))
    server.call("SET", keys.layout(), write_layout(Layout({INTAKE: changing, outbox_of(split): Spread(3, 2)})))
    for stage, worker in ((Stage.ROUTE, "b_1"), (Stage.ROUTE, "a_1"), (Stage.DELIVER, "a_2"), (Stage.DELIVER, "b_2")):
        turns_of(server, keys, worker, stage).look([], seeks=False)
    served = {
        "a_1": [keys.intake(1), keys.intake(0, 1)],
        "b_2": [keys.outbox(split, 0, 2), keys.outbox(split, 2, 2), keys.outbox(whole)],
        "a-command": [keys.intake(1, 1), keys.outbox(split, 1, 2)],
    }
    for holder, streams in served.items():
        for stream in streams:
            server.call("SET", keys.lease(stream), f"{holder}_0123456789ab")

    seen = ServedLook(server=server, keys=keys, layouts=Layouts(keys, 1)).at([split, whole])

    assert seen == {Stage.ROUTE: {"a_1": 2, "b_1": 0}, Stage.DELIVER: {"a_2": 0, "b_2": 3}}
