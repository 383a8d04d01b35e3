"""Who erases a person is not alone: leases go to others, what waits is taken up, moved, or comes anew, and it dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from forgetting_support import ADA, BEN, CRM, HER, SALES, Bell, entries, forgetting, of, put
from people import found_in_redis

from hookrouter.clock import SystemClock
from hookrouter.domain.digest import gather
from hookrouter.domain.forgetting import Erased
from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.domain.layout import Layout, Spread, outbox_of
from hookrouter.domain.person import Person
from hookrouter.ports.forgetting import Task
from hookrouter.store.forgetting.leases import Leases
from hookrouter.store.forgetting.streams import PeopleInStreams
from hookrouter.store.keys import Keys
from hookrouter.store.moving import OutboxMover
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import BEHIND
from hookrouter.store.shard import Shard
from hookrouter.usecases import forget as use_case
from hookrouter.usecases.forget import STILL_COMING, ForgetPerson
from hookrouter.wire.kept.layout import write_layout
from hookrouter.wire.kept.records import write_delivery

ID = str(ADA["id"])
ADDRESS = str(ADA["emailAddress"])
NIGHT = RouteName("night")
EVERY = 3
"""Commands; something happens before every third, which is before, within and behind each look."""


class Killed(BaseException):
    """Stands for SIGKILL."""


class Between(RedisServer):
    """Lets something happen before one of its commands: of the nth that `counts`."""

    def __init__(self, url: str, place: int, act: Callable[[], None], counts: str = "") -> None:
        super().__init__(url)
        self.left, self.act, self.counts = place, act, counts

    @property
    def was_reached(self) -> bool:
        return self.left < 0

    def _meet(self, what: str) -> None:
        if self.counts in {"", what} and self.left >= 0:
            self.left -= 1
            if self.was_reached:
                self.act()

    def call(self, *command: Any) -> Any:
        self._meet("call")
        return super().call(*command)

    def call_all(self, commands: Any) -> list[Any]:
        self._meet("call_all")
        return super().call_all(commands)

    def transaction(self, commands: Any) -> list[Any]:
        self._meet("transaction")
        return super().transaction(commands)

    def run(self, script: str, *arguments: Any) -> Any:
        self._meet(script)
        return super().run(script, *arguments)


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def other(server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell) -> ForgetPerson:
    """Who erases, undisturbed."""
    return forgetting(server, keys, tmp_path, bell)


@pytest.fixture
def meddled(valkey: Any, keys: Keys, tmp_path: Path, bell: Bell) -> Callable[..., tuple[ForgetPerson, Between]]:
    """Who erases, while something happens before one of its commands."""

    def make(place: int, act: Callable[[], None], counts: str = "") -> tuple[ForgetPerson, Between]:
        between = Between(valkey.url, place, act, counts)
        return forgetting(between, keys, tmp_path, bell), between

    return make


Meddled = Callable[..., tuple[ForgetPerson, Between]]


def retrying(server: RedisServer, shard: Shard, *numbers: int) -> None:
    for number in numbers:
        for delivery in (of(ADA, number), of(BEN, number)):
            server.call("HSET", shard.keys.retry_records(SALES), delivery.id, write_delivery(delivery))
            server.call("ZADD", shard.retries, 1, delivery.id)


def waiting(server: RedisServer, shard: Shard, *numbers: int) -> None:
    for number in numbers:
        put(server, shard.outbox, write_delivery(of(ADA, number)))
        put(server, shard.outbox, write_delivery(of(BEN, number)))


def is_gone(server: RedisServer, keys: Keys) -> bool:
    return found_in_redis(server, HER, keys.prefix) == {}


@pytest.mark.parametrize("is_given_back", [False, True], ids=["kept", "given back"])
@pytest.mark.parametrize("renewed", [0, 1, 2])
@pytest.mark.parametrize("name", ["retry:sales", "outbox:sales"])
def test_what_is_erased_under_a_lease_that_is_lost_midway_is_whole_only_when_it_is_had_later(
    server: RedisServer, keys: Keys, meddled: Meddled, name: str, *, renewed: int, is_given_back: bool
) -> None:
    shard = Shard(keys, SALES)
    fill = retrying if name == "retry:sales" else waiting
    fill(server, shard, 1, 2, 3)
    lease, before = keys.lease(shard.outbox), keys.lease_before(shard.outbox)

    def lose() -> None:
        server.transaction([("SET", lease, "drain"), ("SET", before, "drain")])
        if is_given_back:
            server.call("DEL", lease)

    forget, between = meddled(renewed, lose, "renew")
    erased = forget.erase(ID)

    assert between.was_reached
    assert is_gone(server, keys) or not is_given_back
    assert erased.under_way == (set() if is_given_back else {name})
    assert erased.is_whole == is_given_back
    assert erased.total == 3


def test_a_retry_that_was_taken_up_since_it_was_read_is_met_where_it_is_then(
    server: RedisServer, keys: Keys, meddled: Meddled
) -> None:
    shard = Shard(keys, SALES)
    retrying(server, shard, 1)

    forget, between = meddled(0, lambda: promote(server, shard), "unchanged")
    erased = forget.erase(ID)

    assert between.was_reached
    assert is_gone(server, keys)
    assert erased.is_whole
    assert erased.by_place() == {"outboxes": 1}


def promote(server: RedisServer, shard: Shard) -> None:
    """Take up what waits, as a drain does."""
    records = shard.keys.retry_records(SALES)
    keys = [shard.keys.lease("other"), shard.retries, records, shard.again, shard.let_in]
    server.call("SET", keys[0], "drain", "PX", 60_000)
    server.run("promote", keys, ["drain", 100, BEHIND, "+inf", 0])
    server.call("DEL", keys[0])


@pytest.mark.parametrize("generations", [(0, 1), (9, 10)], ids=["the first", "of two digits"])
def test_what_is_moved_to_other_shards_is_met_by_a_walk_whenever_that_happens(
    server: RedisServer, valkey: Any, keys: Keys, generations: tuple[int, int]
) -> None:
    former = Spread(1, generations[0])
    spread = Spread(3, generations[1], former)
    for place in range(0, 100, EVERY):
        server.call("SET", keys.layout(), write_layout(Layout({outbox_of(SALES): spread})))
        fill_shards(server, keys, spread)
        between = Between(valkey.url, place, lambda: move(server, keys, spread))
        leases = Leases(server=between, keys=keys, clock=SystemClock(), patience=0.0)
        walk = PeopleInStreams(server=between, keys=keys, wake=Bell(), leases=leases)
        her = Person(names=frozenset({(CRM, LeadKey(ID))}), addresses=frozenset({ADDRESS}))
        task = Task(whom=her)

        for _ in walk.walk(task):
            pass

        assert task.erased.total >= 4, f"moved before command {place}"
        server.client.flushdb()
        if not between.was_reached:
            break
    else:
        pytest.fail("it never came to its end")


def fill_shards(server: RedisServer, keys: Keys, spread: Spread) -> None:
    """Hers in the former shard, and others' in all: in each of its streams."""
    for place in spread.places:
        shard = Shard(keys, SALES, place)
        server.call("SADD", shard.shut_routes, NIGHT)
        for stream in (*shard.entries, shard.shut(NIGHT), shard.shut_first(NIGHT)):
            put(server, stream, write_delivery(of(BEN, 1)))
    former = Shard(keys, SALES, spread.places[0])
    for number, stream in enumerate((former.outbox, former.again, former.let_in, former.shut(NIGHT))):
        put(server, stream, write_delivery(of(ADA, number)))


def move(server: RedisServer, keys: Keys, spread: Spread) -> None:
    mover, text = OutboxMover(server=server, keys=keys, clock=SystemClock()), server.call("GET", keys.layout())
    mover.move(SALES, spread, text, lambda: True)


def test_nothing_escapes_by_going_round_or_by_being_moved_and_who_is_killed_ends_it_the_next_time(
    server: RedisServer, keys: Keys, meddled: Meddled
) -> None:
    """Before each of its commands: what waits is taken up, its shards are changed, or who erases is killed."""
    for place in range(0, 1000, 2 * EVERY):
        for act in (taken_up, moved, killed):
            server.call("SET", keys.layout(), write_layout(Layout({outbox_of(SALES): Spread(2, 1, Spread())})))
            shard = Shard(keys, SALES)
            retrying(server, shard, 1)
            for stream in (shard.again, shard.shut(NIGHT)):
                put(server, stream, write_delivery(of(BEN, 2)))
            server.call("SADD", shard.shut_routes, NIGHT)

            forget, between = meddled(place, lambda act=act: act(server, keys))
            try:
                erased = forget.erase(ADDRESS)
            except Killed:
                moved(server, keys)
                erased = forget.erase(ADDRESS)

            assert erased.is_whole
            assert is_gone(server, keys), f"{act.__name__} before command {place}"
            left = [name for name in server.call("KEYS", f"{keys.prefix}:*") if b"forgetting" in name]
            assert left == []
            server.client.flushdb()
        if not between.was_reached:
            break
    else:
        pytest.fail("it never came to its end")


def taken_up(server: RedisServer, keys: Keys) -> None:
    promote(server, Shard(keys, SALES))


def moved(server: RedisServer, keys: Keys) -> None:
    move(server, keys, Spread(2, 1, Spread()))


def killed(_server: RedisServer, _keys: Keys) -> None:
    raise Killed


def test_who_somebody_is_stays_known_while_hers_may_come_back(
    server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell
) -> None:
    """Also when what told her id by her address is gone, and what comes back says nothing of her address."""
    shard = Shard(keys, SALES)
    waiting(server, shard, 1)
    server.call("SET", keys.lease(shard.outbox), "drain")
    forget = forgetting(server, keys, tmp_path, bell)

    assert not forget.erase(ADDRESS).is_whole
    put(server, shard.outbox, write_delivery(of({"id": ID, "firstName": "Adazzyzx"}, 2)))
    server.call("DEL", keys.lease(shard.outbox))
    erased = forget.erase(ADDRESS)

    assert erased.is_whole
    assert is_gone(server, keys)


def test_what_is_known_of_somebody_by_other_words_goes_with_her(
    server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell
) -> None:
    shard = Shard(keys, SALES)
    waiting(server, shard, 1)
    server.call("SET", keys.lease(shard.outbox), "drain")
    forget = forgetting(server, keys, tmp_path, bell)

    forget.erase(ID)
    forget.erase(str(BEN["id"]))
    waiting(server, shard, 2)
    server.call("DEL", keys.lease(shard.outbox))
    forget.erase(ADDRESS)

    assert is_gone(server, keys)
    assert len(server.call("KEYS", f"{keys.prefix}:forgetting:*")) == 1


def test_an_address_that_nobody_has_is_not_written_down(server: RedisServer, keys: Keys, other: ForgetPerson) -> None:
    """It would stay in the append-only file, which is written anew only if something was erased."""
    seen: list[dict[str, list[str]]] = []

    def look(_erased: Erased) -> None:
        seen.append(found_in_redis(server, HER, keys.prefix))

    waiting(server, Shard(keys, SALES), 1)
    replace(other, tell=look).erase("nobody@acme.example")
    assert other.erase(ID).total == 1
    seen.clear()
    replace(other, tell=look).erase(ADDRESS)
    replace(other, tell=look).erase(ID)

    assert seen
    assert not any(seen)


def test_who_comes_again_in_each_pass_is_not_told_to_be_gone(
    server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "MOST_PASSES", 3)
    shard = Shard(keys, SALES)
    waiting(server, shard, 1)

    def push(_erased: Erased) -> None:
        waiting(server, shard, 2)

    forget = forgetting(server, keys, tmp_path, bell)
    coming = replace(forget, tell=push)
    waiting(server, Shard(keys, SALES), 3)
    erased = coming.erase(ID)

    assert not erased.is_whole
    assert erased.left == {STILL_COMING}
    assert forget.erase(ID).is_whole


def test_a_shard_that_was_busy_and_is_no_more_is_not_left(server: RedisServer, keys: Keys, meddled: Meddled) -> None:
    """Its lease goes to who moves what waits in it, and it has gone when the next pass comes."""
    spread = Spread(2, 1, Spread())
    server.call("SET", keys.layout(), write_layout(Layout({outbox_of(SALES): spread})))
    shard = Shard(keys, SALES)
    retrying(server, shard, 1)

    def change() -> None:
        server.call("DEL", keys.lease(shard.outbox))
        move(server, keys, spread)
        server.call("SET", keys.layout(), write_layout(Layout({outbox_of(SALES): spread.settled()})))

    forget, between = meddled(0, change, "unchanged")
    erased = forget.erase(ID)

    assert between.was_reached
    assert erased.is_whole
    assert is_gone(server, keys)


@pytest.mark.parametrize("stream", ["again", "outbox", "shut"])
def test_two_who_erase_side_by_side_lose_nothing_of_others(
    server: RedisServer, keys: Keys, other: ForgetPerson, meddled: Meddled, stream: str
) -> None:
    """Each deletes copies of streams that somebody left who was killed, and the other is at one just now."""
    shard = Shard(keys, SALES)
    name = {"again": shard.again, "outbox": shard.outbox, "shut": shard.shut(NIGHT)}[stream]
    put(server, name, write_delivery(gather([of(BEN, 1), of(ADA, 2)])))
    for number in range(500):
        put(server, name, write_delivery(of(BEN, number)))
    before = [entry for entry, _ in entries(server, name)]

    forget, between = meddled(2, lambda: other.erase("718281920599"), "rewrite")
    erased = forget.erase(ID)

    assert between.was_reached
    assert [entry for entry, _ in entries(server, name)] == before
    assert erased.is_whole
    assert is_gone(server, keys)
    assert server.call("KEYS", f"{keys.prefix}:copy:*") == []


def test_a_copy_that_is_gone_midway_takes_no_place(server: RedisServer, keys: Keys, meddled: Meddled) -> None:
    shard = Shard(keys, SALES)
    put(server, shard.again, write_delivery(gather([of(BEN, 1), of(ADA, 2)])))
    for number in range(500):
        put(server, shard.again, write_delivery(of(BEN, number)))
    before = [entry for entry, _ in entries(server, shard.again)]

    forget, between = meddled(2, lambda: server.call("DEL", keys.copied(shard.again)), "rewrite")
    erased = forget.erase(ID)

    assert between.was_reached
    assert [entry for entry, _ in entries(server, shard.again)] == before
    assert erased.is_whole
    assert is_gone(server, keys)
