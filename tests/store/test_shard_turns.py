"""Who serves shards, and which workers seek some, on a real server."""

from __future__ import annotations

from datetime import timedelta

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Place
from hookrouter.store.keys import Keys
from hookrouter.store.presence import GONE_AFTER, Presence
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.store.shard_turns import SEEKS_FOR, RedisShardTurns, Turns
from hookrouter.testing.builders import RECEIVED_AT as NOW


def turns_of(server: RedisServer, keys: Keys, worker: str) -> RedisShardTurns:
    return RedisShardTurns(server=server, keys=keys, presence=Presence(server=server, keys=keys), worker=worker)


def test_a_worker_sees_what_others_serve_and_whether_they_seek(server: RedisServer, keys: Keys) -> None:
    mine, theirs = turns_of(server, keys, "mine"), turns_of(server, keys, "theirs")
    shards = [Shard(keys, SinkName("sales"), Place(number, 1)) for number in range(3)]
    for turns in (mine, theirs):
        turns.presence.beat("worker", turns.worker, NOW)
    server.call("SET", keys.lease(shards[1].outbox), "drain")

    theirs.seek(NOW)

    assert mine.look(shards, NOW) == Turns({shards[1]}, 2, others_seek=True)
    assert theirs.look(shards, NOW) == Turns({shards[1]}, 2, others_seek=False)
    assert mine.look([], NOW + SEEKS_FOR + timedelta(seconds=1)) == Turns(set(), 2, others_seek=False)
    assert mine.look([], NOW + 2 * GONE_AFTER).workers == 0
    assert 0 < server.call("TTL", keys.shard_seekers()) <= 60
