"""The layout on a real server: who adds to streams goes by it, and who changes it loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery, Occasion
from hookrouter.domain.errors import LayoutUnreadable
from hookrouter.domain.ids import LeadKey, PushId, SinkName, SourceName
from hookrouter.domain.layout import INTAKE, UNKNOWN, Layout, Place, Spread, Strays, outbox_of
from hookrouter.domain.push import Push
from hookrouter.ports.streams import HydratedEntries
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.hydrating import RedisHydrator
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.lease import take_lease
from hookrouter.store.moving import OutboxMover
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.store.settling import put_in_outboxes
from hookrouter.testing.builders import RECEIVED_AT, a_delivery, a_lead
from hookrouter.wire.kept.layout import write_layout
from hookrouter.wire.kept.records import read_intake, write_intake
from hookrouter.wire.pushes.lead_schema import read_batch

CRM = SourceName("crm")
DAY = timedelta(days=1)
SALES = SinkName("sales")


class Quiet:
    """Hears nothing."""

    def report(self, event: object) -> None: ...

    def flush(self) -> None: ...


@pytest.fixture
def layouts(keys: Keys) -> Layouts:
    return Layouts(keys, 4)


def layout_book(server: RedisServer, keys: Keys) -> RedisLayoutBook:
    mover = OutboxMover(server=server, keys=keys, clock=SystemClock())
    return RedisLayoutBook(server=server, keys=keys, layouts=Layouts(keys, 4), mover=mover)


@pytest.fixture
def book(server: RedisServer, keys: Keys) -> RedisLayoutBook:
    """The layout as another process has it, who decides on it."""
    return layout_book(server, keys)


@pytest.fixture
def log(server: RedisServer, keys: Keys, layouts: Layouts) -> RedisPushLog:
    return RedisPushLog(server=server, keys=keys, layouts=layouts, dedup_window=DAY, keep_pushes=DAY, keep_rejected=DAY)


def push(log: RedisPushLog, number: int) -> None:
    body = b"%d" % number
    batch = read_batch([{"id": str(number)}])
    log.accept(Push(id=PushId(f"p_{number}"), source=CRM, received_at=RECEIVED_AT, body=body, headers={}), batch)


def spread_anew(book: RedisLayoutBook, streams: int) -> Layout:
    was = book.read()
    assert book.swap(was, was.toward({INTAKE: streams}))
    return book.read()


def leads_in(server: RedisServer, keys: Keys, spread: Spread) -> dict[str, Place]:
    """Where each lead waits."""
    return {
        lead.key: place
        for place in spread.places
        for _, fields in server.call("XRANGE", keys.intake(*place), "-", "+")
        for lead in read_intake(fields[b"r"])[1]
    }


def test_who_comes_first_lays_out_the_streams(server: RedisServer, keys: Keys) -> None:
    first, second = Layouts(keys, 4).renew(server), Layouts(keys, 7).renew(server)

    assert first == second
    assert first.layout == Layout({INTAKE: Spread(4)})


def test_who_only_looks_lays_nothing_down(server: RedisServer, keys: Keys, layouts: Layouts) -> None:
    layout, answers = layouts.ask(server, lambda layout: [("XLEN", keys.intake(*place)) for place in layout.intakes])

    assert (layout, answers) == (Layout({INTAKE: Spread(4)}), [0, 0, 0, 0])
    assert not server.call("EXISTS", keys.layout())


def test_who_looks_is_told_by_the_layout_of_this_moment(
    server: RedisServer, keys: Keys, layouts: Layouts, book: RedisLayoutBook
) -> None:
    layouts.known(server)
    layout = spread_anew(book, 2)

    assert layouts.ask(server, lambda layout: [("XLEN", keys.intake(*place)) for place in layout.intakes]) == (
        layout,
        [0] * 6,
    )


def test_what_was_filled_before_there_were_layouts_is_drained_first(server: RedisServer, keys: Keys) -> None:
    server.call("XADD", keys.intake(5), "*", "r", write_intake(PushId("p"), CRM, RECEIVED_AT, [(0, a_lead())]))

    assert Layouts(keys, 4).renew(server).layout.intake == Spread(4, 1, UNKNOWN)


@pytest.mark.parametrize(
    ("text", "why"),
    [(b'{"v":99}', "a later release"), (b"17", "cannot be read"), (b'{"v":1,"spreads":[]}', "cannot be read")],
)
def test_a_layout_that_cannot_be_read_is_not_guessed_at(server: RedisServer, keys: Keys, text: bytes, why: str) -> None:
    server.call("SET", keys.layout(), text)

    with pytest.raises(LayoutUnreadable, match=why):
        Layouts(keys, 4).known(server)


def test_after_a_change_nothing_is_added_to_the_former_streams(
    server: RedisServer, keys: Keys, log: RedisPushLog, book: RedisLayoutBook
) -> None:
    push(log, 1)
    layout = spread_anew(book, 8)

    for number in range(2, 40):
        push(log, number)

    assert layout.intake == Spread(8, 1, Spread(4))
    found = leads_in(server, keys, layout.intake)
    assert found == {
        "1": Spread(4).place_of((CRM, LeadKey("1"))),
        **{str(number): layout.intake.place_of((CRM, LeadKey(str(number)))) for number in range(2, 40)},
    }


def test_a_push_that_was_taken_is_known_again_after_a_change(
    server: RedisServer, keys: Keys, log: RedisPushLog, book: RedisLayoutBook
) -> None:
    push(log, 1)
    layout = spread_anew(book, 8)

    push(log, 1)

    assert len(leads_in(server, keys, layout.intake)) == 1


def test_a_server_that_was_emptied_is_laid_out_by_the_next_push(
    server: RedisServer, keys: Keys, log: RedisPushLog, book: RedisLayoutBook
) -> None:
    push(log, 1)
    spread_anew(book, 8)
    server.call("DEL", *server.call("KEYS", f"{keys.prefix}:*"))

    push(log, 2)

    assert leads_in(server, keys, book.read().intake) == {"2": Spread(4).place_of((CRM, LeadKey("2")))}
    assert book.read() == Layout({INTAKE: Spread(4)})


async def test_what_was_read_back_goes_where_it_belongs_by_now(
    async_server: AsyncRedisServer, server: RedisServer, keys: Keys, layouts: Layouts, book: RedisLayoutBook
) -> None:
    lease = await take_lease(async_server, keys, keys.hydrate(), "drain")
    assert lease is not None
    hydrator = RedisHydrator(lease=lease, keys=keys, layouts=layouts, keep_rejected=DAY, observer=Quiet())
    server.call("XADD", keys.hydrate(), "1-1", "r", b"x")
    await layouts.known_by(async_server)
    layout = spread_anew(book, 3)
    lead = a_lead(id="7")
    occasion = Occasion(push=PushId("p_1"), source=CRM, place=0, received_at=RECEIVED_AT)

    written = await hydrator.commit(HydratedEntries(entries=["1-1"], leads=[(occasion, lead)], rejected=[], again=[]))  # type: ignore[list-item]

    assert written
    assert leads_in(server, keys, layout.intake) == {"7": layout.intake.place_of((CRM, lead.key))}
    assert server.call("XLEN", keys.hydrate()) == 0


async def test_who_lost_its_lease_writes_nothing_whatever_the_layout(
    async_server: AsyncRedisServer, keys: Keys, layouts: Layouts
) -> None:
    lease = await take_lease(async_server, keys, keys.hydrate(), "drain")
    assert lease is not None
    await async_server.call("DEL", lease.key)

    assert not await layouts.write(lease, lambda _: [("SET", f"{keys.prefix}:a", "1")])
    assert await async_server.call("EXISTS", f"{keys.prefix}:a") == 0


def test_deliveries_go_to_the_shard_of_their_lead(keys: Keys) -> None:
    spread = Spread(4, 2)
    layout = Layout({INTAKE: Spread(4), outbox_of(SALES): spread})
    delivery = replace(a_delivery(), sink=SALES)

    puts = put_in_outboxes(keys, layout, [delivery])

    assert puts[1][1] == f"{keys.prefix}:outbox:sales:2.{spread.place_of(delivery.who).number}"


def test_a_replay_goes_to_the_shards_of_now(
    server: RedisServer, keys: Keys, layouts: Layouts, book: RedisLayoutBook, bury: Callable[..., Delivery]
) -> None:
    delivery = bury(a_delivery())
    letters = RedisDeadLetters(server=server, keys=keys, layouts=layouts)
    layouts.known(server)
    was = book.read()
    assert book.swap(was, was.toward({outbox_of(delivery.sink): 4}))

    assert letters.replay(delivery.id)

    place = book.read().outbox(delivery.sink).place_of(delivery.who)
    assert server.call("XLEN", keys.outbox(delivery.sink, *place)) == 1
    assert server.call("EXISTS", keys.outbox(delivery.sink)) == 0


def test_of_two_who_decide_one_does(server: RedisServer, keys: Keys, book: RedisLayoutBook) -> None:
    other = layout_book(server, keys)
    mine, theirs = book.read(), other.read()

    assert book.swap(mine, mine.toward({INTAKE: 8}))
    assert not other.swap(theirs, theirs.toward({INTAKE: 3}))

    assert other.read().intake == Spread(8, 1, Spread(4))


@pytest.mark.parametrize("what", ["entry", "lease"])
def test_a_change_is_over_when_the_former_streams_are_empty_and_nobodys(
    server: RedisServer, keys: Keys, log: RedisPushLog, book: RedisLayoutBook, what: str
) -> None:
    push(log, 1)
    layout = spread_anew(book, 8)
    former = Spread(4).place_of((CRM, LeadKey("1")))
    if what == "lease":
        server.call("XTRIM", keys.intake(*former), "MAXLEN", 0)
        server.call("SET", keys.lease(keys.intake(*former)), "drain")

    assert not book.is_over(INTAKE, layout.intake)
    assert not book.swap(layout, layout.settled([INTAKE]))
    server.call("XTRIM", keys.intake(*former), "MAXLEN", 0)
    server.call("DEL", keys.lease(keys.intake(*former)))

    assert book.is_over(INTAKE, layout.intake)
    assert book.swap(layout, layout.settled([INTAKE]))
    assert book.read() == Layout({INTAKE: Spread(8, 1)})
    assert server.call("EXISTS", *(keys.intake(*place) for place in Spread(4).places)) == 0


def test_streams_that_an_earlier_version_fills_are_found_and_let_go_of_when_they_are_empty(
    server: RedisServer, keys: Keys, book: RedisLayoutBook
) -> None:
    layout = book.read()
    left = [keys.intake(9), keys.enrich(5), keys.pending(6)]
    for stream in left:
        server.call("XADD", stream, "*", "r", b"x")

    strays = book.find_strays(layout)
    assert strays == Strays(frozenset({9}), frozenset({5, 6}))
    assert book.swap(layout, replace(layout, strays=strays))
    assert not book.swap(book.read(), layout)
    for stream in left:
        server.call("XTRIM", stream, "MAXLEN", 0)

    assert book.find_strays(book.read()) == Strays()
    assert book.swap(book.read(), layout)
    assert server.call("EXISTS", *left) == 0


def test_a_layout_is_written_as_it_is_compared(server: RedisServer, keys: Keys, layouts: Layouts) -> None:
    assert layouts.renew(server).text == write_layout(Layout({INTAKE: Spread(4)})) == server.call("GET", keys.layout())
