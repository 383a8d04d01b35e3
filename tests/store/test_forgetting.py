"""A person is taken out of what Redis and the spool keep, and others stay as they were."""

from __future__ import annotations

import gzip
import inspect
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from forgetting_support import ADA, BEN, CRM, HER, SALES, SHOP, Bell, entries, forgetting, of, put
from people import found_in_files, found_in_redis

from hookrouter.domain.delivery import Try
from hookrouter.domain.digest import gather
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.forgetting import Erased
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName
from hookrouter.domain.layout import INTAKE, Layout, Place, Spread, outbox_of
from hookrouter.domain.living_message import LeadPlace
from hookrouter.domain.order import Order, lane_of
from hookrouter.domain.push import Push, Receipt
from hookrouter.domain.remembered import Before, Snapshot
from hookrouter.ports.stages import Stage
from hookrouter.spool.pushes import PushSpool
from hookrouter.store.forgetting import streams
from hookrouter.store.forgetting.words import COPY, holds_people, word_of
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.push_archive import RedisPushArchive
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard
from hookrouter.testing.builders import RECEIVED_AT, a_lead
from hookrouter.usecases.forget import ForgetPerson
from hookrouter.wire.kept.forgetting import without_places
from hookrouter.wire.kept.layout import write_layout
from hookrouter.wire.kept.records import read_delivery, read_intake, write_delivery, write_intake, write_values
from hookrouter.wire.kept.remembered import write_before, write_snapshot
from hookrouter.wire.pushes.push import USUAL_READER

NOTES = SinkName("notes")


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def forget(server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell) -> ForgetPerson:
    return forgetting(server, keys, tmp_path, bell)


def accept(server: RedisServer, keys: Keys, body: bytes, name: str = "p_1", **headers: str) -> Push:
    """A push, as the receiver takes it; its leads are not left waiting."""
    log = RedisPushLog(
        server=server,
        keys=keys,
        layouts=Layouts(keys, 1),
        dedup_window=timedelta(minutes=10),
        keep_pushes=timedelta(days=7),
        keep_rejected=timedelta(days=30),
    )
    push = Push(id=PushId(name), source=CRM, received_at=RECEIVED_AT, body=body, headers=headers)
    log.accept(push, USUAL_READER.read(body, headers, RECEIVED_AT))
    return push


def leads_in(server: RedisServer, keys: Keys, push: str) -> list[tuple[int, str]]:
    """The good leads of a kept push, with their places."""
    kept = RedisPushArchive(server=server, keys=keys).find(push)
    assert kept is not None
    batch = USUAL_READER.read(kept.push.body, kept.push.headers, RECEIVED_AT)
    return [(place, lead.key) for place, lead in batch.accepted]


FORM = urlencode(
    {
        f"leads[{place}][{name}]": str(value)
        for place, lead in enumerate((BEN, ADA, BEN))
        for name, value in lead.items()
    }
)
BODIES = {
    "json": (json.dumps([BEN, ADA, BEN]).encode(), {}),
    "wrapped": (json.dumps({"leads": [BEN, ADA, BEN]}).encode(), {}),
    "packed": (gzip.compress(json.dumps([BEN, ADA, BEN]).encode()), {"Content-Encoding": "gzip"}),
    "form": (FORM.encode(), {"Content-Type": "application/x-www-form-urlencoded"}),
    "escaped": (
        json.dumps([BEN, {**ADA, "id": None, "emailAddress": "x"}, BEN])
        .replace('"x"', '"\\u0061da.zzyzx@acme.example"')
        .encode(),
        {},
    ),
}


@pytest.mark.parametrize("shape", BODIES)
def test_a_push_of_many_keeps_the_others_at_their_places(
    server: RedisServer, keys: Keys, forget: ForgetPerson, shape: str
) -> None:
    body, headers = BODIES[shape]
    accept(server, keys, body, **headers)
    before = {0: Before(fields={"firstName": "B"}, absent=()), 1: Before(fields={"firstName": "Adazzyzx"}, absent=())}
    server.call("SET", keys.before(PushId("p_1"), 0), write_before(before), "EX", 1000)

    erased = forget.erase("ada.zzyzx@acme.example")

    assert leads_in(server, keys, "p_1") == [(0, "718281920515"), (2, "718281920515")]
    assert erased.by_place() == {"intake": 1, "before": 1, "pushes": 1}
    assert found_in_redis(server, HER, keys.prefix) == {}
    assert 0 < server.call("TTL", keys.push(PushId("p_1"))) <= 7 * 86_400
    assert 0 < server.call("TTL", keys.before(PushId("p_1"), 0)) <= 1000
    assert [lead.key for _, record in entries(server, keys.intake(0)) for lead in read_intake(record)[1]] == [
        "718281920515",
        "718281920515",
    ]


def test_a_note_of_how_leads_were_before_a_push_that_is_gone_goes(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    accept(server, keys, json.dumps([BEN]).encode(), "p_1")
    for push in ("p_0", "p_1"):
        server.call("SET", keys.before(PushId(push), 0), write_before({0: Before(fields=BEN, absent=())}))

    forget.erase("718281920514")

    assert server.call("EXISTS", keys.before(PushId("p_1"), 0))
    assert not server.call("EXISTS", keys.before(PushId("p_0"), 0))


def test_a_push_of_nobody_else_goes_and_may_be_sent_again(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    body = json.dumps([ADA]).encode()
    accept(server, keys, body)

    forget.erase("718281920514")
    again = accept(server, keys, body, "p_2")

    assert server.call("ZRANGE", keys.pushes(), 0, -1) == [b"p_2"]
    assert leads_in(server, keys, again.id) == [(0, "718281920514")]


def test_a_refused_push_that_names_her_goes_whole(server: RedisServer, keys: Keys, forget: ForgetPerson) -> None:
    log = RedisPushLog(
        server=server,
        keys=keys,
        layouts=Layouts(keys, 1),
        dedup_window=timedelta(),
        keep_pushes=timedelta(days=7),
        keep_rejected=timedelta(days=30),
    )
    for name, body in {
        "p_1": b"mail=ada.zzyzx%40acme.example",
        "p_2": b'{"leadID": 718281920514',
        "p_3": b"<x>12718281920514</x>",
    }.items():
        log.keep_refused(Push(id=PushId(name), source=CRM, received_at=RECEIVED_AT, body=body, headers={}), "no lead")
    server.call("SET", keys.snapshot(CRM, LeadKey("718281920514")), write_snapshot(Snapshot(fields=ADA)))

    erased = forget.erase("718281920514")

    assert erased.by_place() == {"pushes": 2, "snapshots": 1}
    assert server.call("LRANGE", keys.refused_pushes(), 0, -1) == [b"p_3"]


@pytest.mark.parametrize("place", [Place(0), Place(2, 1)], ids=["first", "after a change"])
def test_an_entry_of_several_leads_of_which_some_were_routed_keeps_its_place(
    server: RedisServer, keys: Keys, forget: ForgetPerson, place: Place
) -> None:
    leads = [(place, a_lead(**{**BEN, "id": str(place)}) if place != 1 else a_lead(**ADA)) for place in range(4)]
    first = put(server, keys.intake(*place), write_intake(PushId("p_1"), CRM, RECEIVED_AT, leads))
    put(server, keys.intake(*place), write_intake(PushId("p_2"), CRM, RECEIVED_AT, [(0, a_lead(**ADA))]))
    last = put(server, keys.intake(*place), write_intake(PushId("p_3"), CRM, RECEIVED_AT, leads[:1]))
    server.call("SET", keys.begun(*place), f"{first}:2", "EX", 1000)

    forget.erase("718281920514")

    found = entries(server, keys.intake(*place))
    left = [(entry, [lead.key for lead in read_intake(record)[1]]) for entry, record in found]
    assert left == [(first, ["0", "2", "3"]), (last, ["0"])]
    assert server.call("GET", keys.begun(*place)) == f"{first}:1".encode()
    assert server.call("TTL", keys.intake(*place)) == -1


def test_a_digest_goes_on_without_her(server: RedisServer, keys: Keys, forget: ForgetPerson, bell: Bell) -> None:
    digest = gather([of(BEN, 1), of(ADA, 2), of(BEN, 3)])
    told = Try(at=RECEIVED_AT, seconds=1.0, outcome="retry", reason="http_500", status=500, text="no Adazzyzx")
    put(server, keys.again(SALES), write_delivery(digest.with_failure(told)))
    server.call("HSET", keys.retry_records(SALES), "g_x", write_delivery(digest.with_failure(told)))
    server.call("ZADD", keys.retries(SALES), 1, "g_x")
    logged = {"push": "p_2", "sink": "sales", "route": "hot", "attempts": 1, "outcome": "gathered"}
    put(server, keys.attempts(), write_values({**logged, "id": "d_2", "key": "718281920514", "reason": digest.id}))
    tried = {
        **logged,
        "id": digest.id,
        "key": digest.id,
        "outcome": "retry",
        "reason": "http_500",
        "answer": "no Adazzyzx",
    }
    attempt = put(server, keys.attempts(), write_values(tried))

    erased = forget.erase("718281920514")

    [(_, record)] = entries(server, keys.again(SALES))
    assert [member.push for member in read_delivery(record).members] == ["p_1", "p_3"]
    assert read_delivery(record).tries[0].status == 500
    assert read_delivery(server.call("HGET", keys.retry_records(SALES), "g_x")).members == read_delivery(record).members
    [(entry, kept)] = entries(server, keys.attempts())
    assert entry == attempt
    assert json.loads(kept)["answer"] == ""
    assert erased.by_place() == {"outboxes": 1, "retries": 1, "attempts": 2}
    assert found_in_redis(server, HER, keys.prefix) == {}
    assert Stage.DELIVER in bell.rung


def test_what_waits_behind_her_in_a_lane_is_hers_and_goes(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    hers, his = of(ADA, 1), of(BEN, 2)
    for delivery in (hers, his):
        server.call("HSET", keys.retry_records(SALES), delivery.id, write_delivery(delivery))
        server.call("ZADD", keys.retries(SALES), 2**53, delivery.id)
        lane = lane_of(Order.STRICT, delivery.who, delivery.route)
        assert lane is not None
        server.call("RPUSH", keys.lane(SALES, lane), delivery.id)

    forget.erase("718281920514")

    assert server.call("HKEYS", keys.retry_records(SALES)) == [his.id.encode()]
    assert server.call("ZRANGE", keys.retries(SALES), 0, -1) == [his.id.encode()]
    assert len(server.call("KEYS", f"{keys.prefix}:lane:*")) == 1


def test_she_goes_from_all_shards_of_a_sink(server: RedisServer, keys: Keys, forget: ForgetPerson) -> None:
    former, spread = Spread(2, 1), Spread(3, 2, Spread(2, 1))
    server.call("SET", keys.layout(), write_layout(Layout({INTAKE: Spread(4), outbox_of(SALES): spread})))
    shards = [Shard(keys, SALES, place) for place in spread.places]
    for number, shard in enumerate(shards):
        server.call("SADD", shard.shut_routes, "night")
        for stream in {*shard.entries, shard.shut(RouteName("night")), shard.shut_first(RouteName("night"))}:
            put(server, stream, write_delivery(of(ADA, number)))
            put(server, stream, write_delivery(of(BEN, number)))
        for delivery in (of(ADA, number), of(BEN, number)):
            server.call("HSET", keys.retry_records(SALES), delivery.id, write_delivery(delivery))
            server.call("ZADD", shard.retries, 1, delivery.id)
    server.call("SET", keys.lease(keys.outbox(SALES, 0, 1)), "drain", "EX", 60)

    erased = forget.erase("718281920514")

    assert not found_in_redis(server, ["718281920514"], f"{keys.prefix}:retry")
    assert not found_in_redis(server, ["718281920514"], f"{keys.prefix}:shut")
    assert [server.call("ZCARD", shard.retries) for shard in shards] == [1] * 5
    assert all(len(entries(server, stream)) == 1 for shard in shards for stream in shard.entries)
    words = ("again", "let-in", "moved", "outbox", "retry")
    assert erased.under_way == {
        *(f"{word}:sales:{former.own[0]}" for word in words),
        "shut:sales:1.0:night",
        "shut:sales:1.0:night:first",
    }


@pytest.mark.parametrize("word", ["copy", "lease", "lease-before", "first", "outbox", "shut", "retry-records", "1"])
def test_she_goes_and_others_stay_whatever_a_sink_and_a_route_are_called(
    server: RedisServer, keys: Keys, forget: ForgetPerson, word: str
) -> None:
    sink, route = SinkName(word), RouteName(word)
    spread = Spread(2, 1, Spread())
    server.call("SET", keys.layout(), write_layout(Layout({INTAKE: Spread(4), outbox_of(sink): spread})))
    shards = [Shard(keys, sink, place) for place in spread.places]
    streams = [each for shard in shards for each in {*shard.entries, shard.shut(route), shard.shut_first(route)}]
    for stream in streams:
        for delivery in (of(ADA, 1), gather([of(BEN, 2), of(ADA, 3)]), of(BEN, 4)):
            put(server, stream, write_delivery(delivery))
    for number, shard in enumerate(shards):
        server.call("SADD", shard.shut_routes, route)
        for delivery in (of(ADA, number), of(BEN, number)):
            server.call("HSET", keys.retry_records(sink), delivery.id, write_delivery(delivery))
            server.call("ZADD", shard.retries, 1, delivery.id)

    erased = forget.erase("718281920514")

    assert erased.is_whole
    assert found_in_redis(server, HER, keys.prefix) == {}
    assert {stream: len(entries(server, stream)) for stream in streams} == dict.fromkeys(streams, 2)
    assert [server.call("ZCARD", shard.retries) for shard in shards] == [1] * 3


def test_a_stream_that_somebody_works_on_all_the_while_is_told_of(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    put(server, keys.outbox(SALES), write_delivery(of(ADA)))
    server.call("SET", keys.lease(keys.outbox(SALES)), "drain", "EX", 60)

    erased = forget.erase("718281920514")

    assert erased.under_way == {"outbox:sales"}
    assert entries(server, keys.outbox(SALES)) == []
    assert not erased.is_whole
    assert server.call("GET", keys.lease(keys.outbox(SALES))) == b"drain"


def test_it_shows_before_it_erases_and_erases_once(server: RedisServer, keys: Keys, forget: ForgetPerson) -> None:
    accept(server, keys, json.dumps([BEN, ADA]).encode())
    server.call("SET", keys.snapshot(CRM, LeadKey("718281920514")), write_snapshot(Snapshot(fields=ADA)))
    before = server.call("DUMP", keys.push(PushId("p_1")))

    shown = forget.look("ADA.Zzyzx@acme.example")
    assert server.call("DUMP", keys.push(PushId("p_1"))) == before
    erased = forget.erase("ADA.Zzyzx@acme.example")

    assert shown.by_place() == erased.by_place() == {"intake": 1, "pushes": 1, "snapshots": 1}
    assert shown.ids == ["718281920514"]
    assert forget.erase("ada.zzyzx@acme.example").total == 0


def test_an_address_that_was_another_leads_before_does_not_lead_to_that_lead(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    shared = {**BEN, "emailAddress": ADA["emailAddress"]}
    for lead, known in ((ADA, ADA), (BEN, shared)):
        name = LeadKey(str(lead["id"]))
        server.call("SET", keys.snapshot(CRM, name), write_snapshot(Snapshot(fields=known)))

    forget.erase("718281920514")

    assert server.call("EXISTS", keys.snapshot(CRM, LeadKey("718281920515")))
    assert forget.look("ada.zzyzx@acme.example").ids == ["718281920515"]


def test_an_id_of_two_sources_must_be_said_of_which(
    server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell
) -> None:
    forget = forgetting(server, keys, tmp_path, bell, CRM, SHOP)
    for source in (CRM, SHOP):
        server.call(
            "SET",
            keys.snapshot(source, LeadKey("718281920514")),
            write_snapshot(Snapshot(fields={"id": "718281920514"})),
        )

    with pytest.raises(ConfigurationError, match="--source"):
        forget.erase("718281920514")
    forget.erase("718281920514", SHOP)

    assert server.call("EXISTS", keys.snapshot(CRM, LeadKey("718281920514")))
    assert not server.call("EXISTS", keys.snapshot(SHOP, LeadKey("718281920514")))


def test_what_is_appended_while_a_stream_is_written_anew_is_neither_lost_nor_moved(
    server: RedisServer, keys: Keys, forget: ForgetPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "AT_ONCE", 7)
    logged = {
        "id": "d_1",
        "push": "p_1",
        "sink": "sales",
        "route": "hot",
        "attempts": 1,
        "outcome": "retry",
        "reason": "",
    }
    mine, his = (write_values({**logged, "key": key}) for key in ("718281920514", "718281920515"))
    kept: list[str] = []
    is_over = threading.Event()

    def append() -> None:
        while not is_over.is_set() and len(kept) < 3000:
            kept.append(put(server, keys.attempts(), his))

    for _ in range(50):
        put(server, keys.attempts(), mine)
        kept.append(put(server, keys.attempts(), his))
    appending = threading.Thread(target=append)
    appending.start()
    try:
        erased = forget.erase("718281920514")
    finally:
        is_over.set()
        appending.join()

    assert erased.by_place() == {"attempts": 50}
    assert [entry for entry, _ in entries(server, keys.attempts())] == kept
    assert len(kept) > 100


@pytest.mark.parametrize("called", [Keys.copied, lambda _, stream: f"{stream}:copy"], ids=["now", "by release before"])
def test_a_copy_that_somebody_left_who_was_killed_goes(
    server: RedisServer, keys: Keys, forget: ForgetPerson, called: Callable[[Keys, str], str]
) -> None:
    left, used = (called(keys, stream) for stream in (keys.outbox(SALES), keys.shut(NOTES, RouteName("copy"))))
    server.call("SET", keys.lease(keys.outbox(NOTES)), "somebody who erases", "EX", 60)
    for copy in (left, used):
        put(server, copy, write_delivery(of(ADA)))

    forget.erase("718281920514")

    assert not server.call("EXISTS", left)
    assert server.call("EXISTS", used)


def test_what_drains_deleted_before_is_gone_from_memory_as_well(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    """Redis only marks an entry as deleted while those beside it stay, and writes it into its files."""
    first = put(server, keys.outbox(SALES), write_delivery(of(BEN, 1)))
    done = put(server, keys.outbox(SALES), write_delivery(of(ADA, 2)))
    server.call("XDEL", keys.outbox(SALES), done)
    assert b"Adazzyzx" in uncompressed(server, keys.outbox(SALES))

    erased = forget.erase("718281920514")

    assert erased.total == 0
    assert b"Adazzyzx" not in uncompressed(server, keys.outbox(SALES))
    assert [entry for entry, _ in entries(server, keys.outbox(SALES))] == [first]


def uncompressed(server: RedisServer, key: str) -> bytes:
    server.call("CONFIG", "SET", "rdbcompression", "no")
    dumped: bytes = server.call("DUMP", key)
    return dumped


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_who_is_killed_anywhere_in_between_ends_it_the_next_time(
    server: RedisServer, keys: Keys, tmp_path: Path, bell: Bell
) -> None:
    """After each portion: what told her id by her address may be gone by then."""
    forget = forgetting(server, keys, tmp_path, bell)

    def erase(tell: Callable[[Erased], None]) -> None:
        fill(server, keys)
        replace(forget, tell=tell).erase("ada.zzyzx@acme.example")
        assert found_in_redis(server, HER, keys.prefix) == {}

    portions: list[Erased] = []
    erase(portions.append)

    # Where other tests left many keys in this server, there are as many portions more in which nothing is found.
    for place in range(0, len(portions), -(-len(portions) // 40)):
        left = place

        def kill(erased: Erased) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed

        with suppress(Killed):
            erase(kill)
        forget.erase("ada.zzyzx@acme.example")
        assert found_in_redis(server, HER, keys.prefix) == {}


def fill(server: RedisServer, keys: Keys) -> None:
    accept(server, keys, json.dumps([BEN, ADA, BEN]).encode(), "p_1")
    accept(server, keys, json.dumps([{**ADA, "id": None}]).encode(), "p_2")
    server.call("SET", keys.snapshot(CRM, LeadKey("718281920514")), write_snapshot(Snapshot(fields=ADA)))
    put(server, keys.outbox(SALES), write_delivery(of(ADA)))
    put(server, keys.again(SALES), write_delivery(gather([of(BEN, 1), of(ADA, 2)])))
    logged = {"push": "p_2", "sink": "sales", "route": "hot", "attempts": 1, "outcome": "delivered", "reason": ""}
    put(server, keys.attempts(), write_values({**logged, "id": "d_2", "key": "718281920514"}))
    server.call("HSET", keys.marks(CRM, LeadKey("718281920514")), "hot", "1:0:p_1")


def spool_of(folder: Path) -> PushSpool:
    return PushSpool(folder / "spool", 10_000_000)


def test_she_goes_from_the_spool_and_others_stay_in_their_order(
    server: RedisServer, keys: Keys, forget: ForgetPerson, tmp_path: Path
) -> None:
    spool = spool_of(tmp_path)
    for number, leads in enumerate(([BEN], [BEN, ADA], [ADA], [BEN, {"id": "3"}])):
        push = Push(
            id=PushId(f"p_{number}"), source=CRM, received_at=RECEIVED_AT, body=json.dumps(leads).encode(), headers={}
        )
        spool.keep(push, Receipt(push=push.id, leads=len(leads), accepted=len(leads), rejected=0))
    assert found_in_files(tmp_path, HER)

    erased = forget.erase("ada.zzyzx@acme.example")

    assert erased.by_place() == {"spool": 2}
    assert found_in_files(tmp_path, HER) == {}
    kept = spool.oldest(10)
    assert [each.push.id for each in kept] == ["p_0", "p_1", "p_3"]
    assert spool.depth().pushes == 3
    assert spool.depth().size == sum(
        len(each.push.body) + len(json.dumps(dict(each.push.headers), separators=(",", ":"))) for each in kept
    )
    spool.close()


def test_a_damaged_file_of_the_spool_that_names_her_is_told_of(forget: ForgetPerson, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "pushes.sqlite3").write_bytes(b"x" * 5000 + b"ada.zzyzx@acme.example" + b"y" * 5000)

    erased = forget.erase("ada.zzyzx@acme.example")

    [left] = erased.left
    assert "pushes.sqlite3 is damaged and names them" in left


def test_a_record_that_nobody_can_read_goes_if_it_names_her(
    server: RedisServer, keys: Keys, forget: ForgetPerson
) -> None:
    put(server, keys.unreadable(), b'{"v":9,"lead":{"emailAddress":"Ada.Zzyzx@acme.example"}}')
    put(server, keys.unreadable(), b'{"v":9,"lead":{"emailAddress":"ben@acme.example"}}')

    erased = forget.erase("ada.zzyzx@acme.example")

    assert erased.by_place() == {"unreadable": 1}
    assert len(entries(server, keys.unreadable())) == 1


def test_what_is_said_of_a_place_of_a_push_goes_with_it() -> None:
    record = b'{"v":1,"leads":{"0":[{"a":1},[]],"2":null},"own":{"0":["a"],"2":["b"]},"by":{"0":"p_1","2":"p_2"}}'

    left = without_places(record, frozenset({0, 7}))

    assert left is not None
    assert json.loads(left) == {"v": 1, "leads": {"2": None}, "own": {"2": ["b"]}, "by": {"2": "p_2"}}
    assert without_places(record, frozenset({1})) is record
    assert without_places(record, frozenset({0, 2})) is None


DUMMIES = {"int": 1, "date": date(2026, 11, 27), "Stage": Stage.ROUTE}
PLACE = LeadPlace(sink=SALES, channel="#deals", source=CRM, lead=LeadKey("1"))


def test_every_key_that_says_that_a_person_is_in_it_is_erased_from(keys: Keys) -> None:
    unknown = []
    for name, function in inspect.getmembers(Keys, inspect.isfunction):
        said = " ".join((function.__doc__ or "").split())
        if name.startswith("_") or "Forget: it names nobody" in said or "Forget: it is no key" in said:
            continue
        kinds = [each.annotation for each in inspect.signature(function).parameters.values()][1:]
        made = function(keys, *(PLACE if kind == "LeadPlace" else DUMMIES.get(kind, "x") for kind in kinds))
        word = word_of(keys, made)
        if not holds_people(word) and word != COPY:
            unknown.append(name)

    assert unknown == []
