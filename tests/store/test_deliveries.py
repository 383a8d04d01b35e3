"""The log of attempts on a real server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.logged_attempt import LoggedAttempt
from hookrouter.ports.desk import ALL, Wanted
from hookrouter.store.deliveries import MOST_LOOKED_AT, RedisDeliveries
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.stream_looks import AT_ONCE
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.kept.records import write_values

START = int(RECEIVED_AT.timestamp() * 1000)


@pytest.fixture
def deliveries(server: RedisServer, keys: Keys) -> RedisDeliveries:
    return RedisDeliveries(server=server, keys=keys, layouts=Layouts(keys, 4))


def log(server: RedisServer, keys: Keys, count: int, **values: object) -> None:
    """Log attempts of one delivery after another, a second apart."""
    server.call_all(
        [
            (
                "XADD",
                keys.attempts(),
                f"{START + number * 1000}-0",
                "r",
                write_values(
                    {
                        "id": f"d_{number}",
                        "push": "p_1",
                        "sink": "sales",
                        "route": "hot-lead",
                        "key": "777",
                        "attempts": 1,
                        "at": (RECEIVED_AT + timedelta(seconds=number)).isoformat(),
                        "seconds": 0.1,
                        "outcome": "delivered",
                        "reason": "",
                        "status": 200,
                        "answer": "ok",
                        **values,
                    }
                ),
            )
            for number in range(count)
        ]
    )


def others(server: RedisServer, keys: Keys, start: int, count: int) -> None:
    """Log what is of no interest, a millisecond apart, behind a first second."""
    record = b'{"v": 1, "id": "d_other"}'
    places = range(START + 1000 + start, START + 1000 + start + count)
    server.call_all([("XADD", keys.attempts(), f"{place}-0", "r", record) for place in places])


def ids(found: Sequence[LoggedAttempt]) -> list[str]:
    return [attempt.delivery for attempt in found]


def test_an_attempt_is_read_as_it_was_logged(deliveries: RedisDeliveries, server: RedisServer, keys: Keys) -> None:
    log(server, keys, 1)

    [attempt] = deliveries.list(ALL, limit=10).found

    assert attempt.summary() == {
        "id": "d_0",
        "push": "p_1",
        "sink": "sales",
        "route": "hot-lead",
        "lead": "777",
        "revision": "",
        "attempts": 1,
        "at": "2026-03-04T15:20:11+00:00",
        "seconds": 0.1,
        "outcome": "delivered",
        "reason": "",
        "status": 200,
        "answer": "ok",
    }


def test_pages_of_a_long_log_follow_each_other_without_gap_or_overlap(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys
) -> None:
    count = 2 * AT_ONCE + 5
    log(server, keys, count)
    found: list[str] = []
    end: str | None = None
    while True:
        page = deliveries.list(ALL, limit=AT_ONCE - 1, after=end)
        found += ids(page.found)
        if page.end is None:
            break
        end = page.end

    assert found == [f"d_{number}" for number in reversed(range(count))]


def test_a_page_looks_at_so_much_of_the_log_and_says_how_far_back_that_was(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys
) -> None:
    log(server, keys, 1, key="777")
    log_more = MOST_LOOKED_AT + 10
    for start in range(0, log_more, 2000):
        others(server, keys, start, min(2000, log_more - start))

    first = deliveries.list(ALL, lead="777", limit=10)
    further = deliveries.list(ALL, lead="777", limit=10, after=first.end)

    assert (ids(first.found), first.looked_back_to) == ([], RECEIVED_AT + timedelta(seconds=1, milliseconds=10))
    assert (ids(further.found), further.end, further.looked_back_to) == (["d_0"], None, None)


def test_a_place_that_is_none_begins_at_the_newest(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys
) -> None:
    log(server, keys, 2)

    assert ids(deliveries.list(ALL, limit=1, after="+ ; FLUSHALL").found) == ["d_1"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"sink": SinkName("sales")}, 3),
        ({"sink": SinkName("billing")}, 0),
        ({"route": RouteName("closed")}, 0),
        ({"outcome": "delivered"}, 3),
        ({"outcome": "dead"}, 0),
        ({"lead": "Ada@acme.example"}, 3),
        ({"lead": "email:ada@acme.example"}, 3),
        ({"lead": "ada"}, 0),
        ({"since": RECEIVED_AT + timedelta(seconds=1)}, 2),
        ({"until": RECEIVED_AT + timedelta(seconds=1)}, 1),
        ({"since": RECEIVED_AT + timedelta(milliseconds=1, microseconds=1), "until": RECEIVED_AT}, 0),
    ],
)
def test_the_list_is_narrowed(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys, choice: dict[str, Any], expected: int
) -> None:
    log(server, keys, 3, key="email:ada@acme.example")
    beside = {name: choice.get(name) for name in ("lead", "outcome")}
    wanted = Wanted(**{name: value for name, value in choice.items() if name not in beside})

    page = deliveries.list(wanted, limit=10, **beside)

    assert (len(page.found), page.end) == (expected, None)


def test_what_ended_without_an_attempt_has_the_moment_of_its_entry(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys
) -> None:
    names = {"id": "d_1", "push": "p_1", "sink": "sales", "route": "hot-lead", "key": "777", "attempts": 2}
    record = write_values({**names, "outcome": "superseded", "reason": "d_2"})
    server.call("XADD", keys.attempts(), f"{START}-0", "r", record)

    [attempt] = deliveries.attempts_of("d_1")

    assert (attempt.came_to.at, attempt.came_to.seconds, attempt.came_to.reason) == (RECEIVED_AT, None, "d_2")


def test_what_another_version_logged_is_passed_over(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys
) -> None:
    log(server, keys, 1)
    server.call("XADD", keys.attempts(), "*", "r", b'{"v": 99, "id": "d_0"}')

    assert ids(deliveries.list(ALL, limit=10).found) == ["d_0"]
    assert len(deliveries.attempts_of("d_0")) == 1


def test_a_delivery_is_not_taken_for_another_whose_name_goes_on(
    deliveries: RedisDeliveries, server: RedisServer, keys: Keys
) -> None:
    log(server, keys, 12)

    assert ids(deliveries.attempts_of("d_1")) == ["d_1"]
