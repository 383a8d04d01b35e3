"""Who lives, by the clock of Redis, beside processes of an earlier release that beat by their own."""

from __future__ import annotations

import pytest

from hookrouter.domain.dialect import FIRST, LAYOUTS
from hookrouter.store.keys import Keys
from hookrouter.store.presence import FORGOTTEN_AFTER, GONE_AFTER, Presence
from hookrouter.store.server import RedisServer

OLD = "worker:old"
SECONDS = GONE_AFTER.total_seconds()


@pytest.fixture
def presence(server: RedisServer, keys: Keys) -> Presence:
    made = Presence(server=server, keys=keys)
    made.beat("worker", "new")
    return made


def beat_as_before(presence: Presence, wrong_by: float) -> None:
    """As the release from before layouts does, by a clock that is wrong by so many seconds."""
    own = time_of(presence) + wrong_by
    presence.server.transaction(
        [
            ("ZADD", presence.keys.heartbeats(), own, OLD),
            ("ZREMRANGEBYSCORE", presence.keys.heartbeats(), "-inf", own - 10 * SECONDS),
            ("EXPIRE", presence.keys.heartbeats(), int(20 * SECONDS)),
        ]
    )


def time_of(presence: Presence) -> float:
    seconds, micros = presence.server.call("TIME")
    return int(seconds) + int(micros) / 1_000_000


def let_pass(presence: Presence, seconds: float) -> None:
    """Have all that was said have been said so much longer ago, but for what the old one says of itself."""
    server, notes = presence.server, presence.keys.beats_by_own_clocks()
    for name, note in server.call("HGETALL", notes).items():
        said, since = note.decode().split()
        server.call("HSET", notes, name, f"{said} {float(since) - seconds:.3f}")
    for dialect in (FIRST, LAYOUTS):
        for name in server.call("ZRANGE", presence.keys.heartbeats(dialect), 0, -1):
            if name.decode() != OLD:
                server.call("ZINCRBY", presence.keys.heartbeats(dialect), -seconds, name)


def test_a_process_lives_until_it_leaves_or_is_silent_for_long(presence: Presence) -> None:
    presence.beat("scheduler", "new")
    presence.beat("worker", "second")
    assert presence.alive() == {"scheduler": 1, "worker": 2}
    presence.leave("worker", "second")
    assert presence.alive() == {"scheduler": 1, "worker": 1}

    let_pass(presence, SECONDS + 1)
    assert presence.alive() == {}
    presence.beat("receiver", "new")
    assert presence.alive() == {"receiver": 1}

    let_pass(presence, FORGOTTEN_AFTER.total_seconds())
    presence.beat("receiver", "other")
    for dialect in (FIRST, LAYOUTS):
        assert presence.server.call("ZRANGE", presence.keys.heartbeats(dialect), 0, -1) == [b"receiver:other"]
    assert presence.strangers(LAYOUTS) == []


@pytest.mark.parametrize("wrong_by", [0.0, -30.0, -1000.0, 240.0])
def test_one_of_an_earlier_release_is_known_however_wrong_its_clock_is(presence: Presence, wrong_by: float) -> None:
    for _ in range(3):
        beat_as_before(presence, wrong_by)
        presence.beat("worker", "new")
        assert (presence.alive(), presence.strangers(LAYOUTS)) == ({"worker": 2}, [OLD])
        let_pass(presence, SECONDS / 4)
        presence.beat("worker", "new")
    assert presence.strangers(LAYOUTS) == [OLD]

    let_pass(presence, SECONDS + 1)
    presence.beat("worker", "new")
    assert (presence.alive(), presence.strangers(LAYOUTS)) == ({"worker": 1}, [])


def test_one_that_is_minutes_ahead_makes_no_other_look_gone(presence: Presence) -> None:
    beat_as_before(presence, 240.0)

    assert presence.server.call("ZSCORE", presence.keys.heartbeats(), "worker:new") is None
    assert presence.alive() == {"worker": 2}
    assert presence.strangers(LAYOUTS) == [OLD]


def test_before_anybody_took_notes_its_own_word_is_taken(server: RedisServer, keys: Keys) -> None:
    presence = Presence(server=server, keys=keys)
    beat_as_before(presence, 0.0)
    assert presence.alive() == {"worker": 1}

    server.call("ZINCRBY", keys.heartbeats(), -SECONDS - 1, OLD)
    assert presence.alive() == {}


def test_what_is_noted_of_it_goes_when_it_ends(presence: Presence) -> None:
    beat_as_before(presence, -30.0)
    presence.beat("worker", "new")
    notes = presence.keys.beats_by_own_clocks()
    assert 0 < presence.server.call("TTL", notes) <= 20 * SECONDS

    presence.server.call("ZREM", presence.keys.heartbeats(), OLD)
    assert presence.strangers(LAYOUTS) == []
    presence.beat("worker", "new")
    assert presence.server.call("EXISTS", notes) == 0


def test_one_that_is_silent_for_very_long_is_forgotten(presence: Presence) -> None:
    beat_as_before(presence, 240.0)
    presence.beat("worker", "new")

    let_pass(presence, FORGOTTEN_AFTER.total_seconds() + 1)
    presence.beat("worker", "new")

    assert presence.server.call("ZRANGE", presence.keys.heartbeats(), 0, -1) == [b"worker:new"]
    assert presence.server.call("EXISTS", presence.keys.beats_by_own_clocks()) == 0
