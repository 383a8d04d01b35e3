"""Dead letters on a real server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.ports.desk import ALL, Wanted
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.newest_first import AT_ONCE
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT, a_delivery, an_occasion
from hookrouter.wire.kept.records import read_delivery

Bury = Callable[..., Delivery]


@pytest.fixture
def letters(server: RedisServer, keys: Keys) -> RedisDeadLetters:
    return RedisDeadLetters(server=server, keys=keys, layouts=Layouts(keys, 4))


def several(bury: Bury, count: int, *, sink: str = "sales", route: str = "hot-lead", start: int = 0) -> list[str]:
    """Ids of deliveries that died one second after another, the newest first."""
    made = [
        bury(
            a_delivery(occasion=an_occasion(place=place), sink=sink, route=route),
            at=RECEIVED_AT + timedelta(seconds=place),
        )
        for place in range(start, start + count)
    ]
    return [delivery.id for delivery in reversed(made)]


def ids_of(letters: list[DeadLetter]) -> list[str]:
    return [letter.delivery.id for letter in letters]


def every(
    letters: RedisDeadLetters,
    *,
    limit: int = 100,
    sink: str | None = None,
    route: str | None = None,
    since: float | None = None,
    until: float | None = None,
) -> list[str]:
    """Ids of the letters of a sink, of a route, and of a span of seconds, read page by page."""
    wanted = Wanted(
        sink=None if sink is None else SinkName(sink),
        route=None if route is None else RouteName(route),
        since=None if since is None else RECEIVED_AT + timedelta(seconds=since),
        until=None if until is None else RECEIVED_AT + timedelta(seconds=until),
    )
    found: list[DeadLetter] = []
    end: str | None = None
    while True:
        page = letters.list(wanted, limit=limit, after=end)
        found += page.found
        if page.end is None:
            return ids_of(found)
        end = page.end


def test_a_letter_keeps_all_that_is_known(letters: RedisDeadLetters, bury: Bury) -> None:
    delivery = bury(a_delivery())

    assert letters.find(delivery.id) == DeadLetter(
        delivery=delivery,
        reason="refused",
        status=404,
        answer="no such lead",
        first_at=RECEIVED_AT,
        last_at=RECEIVED_AT,
    )


def test_the_newest_come_first(letters: RedisDeadLetters, bury: Bury) -> None:
    ids = several(bury, 3)

    assert every(letters) == ids


def test_pages_follow_each_other_without_gap_or_overlap(letters: RedisDeadLetters, bury: Bury) -> None:
    ids = several(bury, 7)

    assert every(letters, limit=2) == ids


def test_letters_of_the_same_moment_are_paged_too(letters: RedisDeadLetters, bury: Bury) -> None:
    ids = [bury(a_delivery(occasion=an_occasion(place=place))).id for place in range(5)]

    assert sorted(every(letters, limit=2)) == sorted(ids)


def test_more_than_one_portion_of_one_moment_is_read_to_its_end(letters: RedisDeadLetters, bury: Bury) -> None:
    ids = [bury(a_delivery(occasion=an_occasion(place=place))).id for place in range(AT_ONCE + 5)]

    assert every(letters, limit=AT_ONCE + 1) == sorted(ids, reverse=True)


def test_a_page_stays_in_place_when_letters_come_and_go(letters: RedisDeadLetters, bury: Bury) -> None:
    ids = several(bury, 4)
    page = letters.list(ALL, limit=2)
    letters.drop(ids[0])
    several(bury, 3, start=10)

    rest = letters.list(ALL, limit=2, after=page.end)

    assert ids_of(list(rest.found)) == ids[2:]


@pytest.mark.parametrize(
    ("sink", "route", "expected"),
    [("sales", None, 2), ("billing", None, 1), (None, "hot-lead", 2), ("sales", "new-lead", 1), ("nobody", None, 0)],
)
def test_a_sink_and_a_route_narrow_the_list(
    letters: RedisDeadLetters, bury: Bury, sink: str | None, route: str | None, expected: int
) -> None:
    several(bury, 1)
    several(bury, 1, route="new-lead")
    several(bury, 1, sink="billing")

    assert len(every(letters, sink=sink, route=route)) == expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (2, None, [4, 3, 2]),
        (None, 2, [1, 0]),
        (1, 4, [3, 2, 1]),
        (1.5, 1.75, []),
        (None, None, [4, 3, 2, 1, 0]),
    ],
)
def test_a_span_of_time_narrows_the_list_from_its_first_moment_to_before_its_last(
    letters: RedisDeadLetters, bury: Bury, since: float | None, until: float | None, expected: list[int]
) -> None:
    ids = several(bury, 5)[::-1]

    assert every(letters, since=since, until=until) == [ids[place] for place in expected]
    assert every(letters, limit=1, since=since, until=until) == [ids[place] for place in expected]


def test_a_letter_that_expired_is_not_listed(
    letters: RedisDeadLetters, server: RedisServer, keys: Keys, bury: Bury
) -> None:
    first, second = several(bury, 2)
    server.call("DEL", keys.dead_letter(first))

    assert every(letters) == [second]


def test_what_another_version_wrote_is_passed_over_and_kept(
    letters: RedisDeadLetters, server: RedisServer, keys: Keys, bury: Bury
) -> None:
    first, second = several(bury, 2)
    server.call("SET", keys.dead_letter(first), b'{"v": 99}')

    assert every(letters) == [second]
    assert letters.find(first) is None
    assert not letters.replay(first)
    assert server.call("EXISTS", keys.dead_letter(first)) == 1


def test_a_replayed_delivery_waits_in_its_outbox_as_if_never_tried(
    letters: RedisDeadLetters, server: RedisServer, keys: Keys, bury: Bury
) -> None:
    delivery = bury(a_delivery())

    assert letters.replay(delivery.id)

    [(_, fields)] = server.call("XRANGE", keys.outbox(delivery.sink), "-", "+")
    assert read_delivery(fields[b"r"]) == replace(delivery, attempts=0, first_attempt_at=None)
    assert letters.find(delivery.id) is None
    assert every(letters) == []


def test_two_replays_at_once_deliver_once(
    letters: RedisDeadLetters, server: RedisServer, keys: Keys, bury: Bury
) -> None:
    ids = several(bury, 20)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(letters.replay, [delivery for delivery in ids for _ in range(4)]))

    assert done.count(True) == 20
    assert server.call("XLEN", keys.outbox(SinkName("sales"))) == 20


def test_a_letter_that_changed_since_it_was_read_is_not_replayed(server: RedisServer, keys: Keys, bury: Bury) -> None:
    delivery = bury(a_delivery())
    read = server.call("GET", keys.dead_letter(delivery.id))
    bury(a_delivery(), at=RECEIVED_AT + timedelta(hours=1))

    named = [keys.dead_letter(delivery.id), keys.dead_letters(), keys.outbox(delivery.sink)]

    assert server.run("replay", named, [read, delivery.id, b"{}"]) == 0
    assert server.call("EXISTS", keys.outbox(delivery.sink)) == 0


def test_a_dropped_letter_is_gone(letters: RedisDeadLetters, server: RedisServer, keys: Keys, bury: Bury) -> None:
    delivery = bury(a_delivery())

    assert letters.drop(delivery.id)

    assert not letters.drop(delivery.id)
    assert every(letters) == []
    assert server.call("EXISTS", keys.outbox(delivery.sink)) == 0
