"""Rights that Redis' user lacks: found before a push comes, told by name, and none of what is looked for is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from least_user import admit, url_of, version_of
from notes import Notes
from valkeys import OwnValkey

import hookrouter.store
from hookrouter.clock import SystemClock
from hookrouter.domain.durability import Asked
from hookrouter.domain.errors import NotPermitted, StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push
from hookrouter.domain.redis_events import RedisDoubtful, RedisFound
from hookrouter.domain.rights import Lack
from hookrouter.ports.stages import Stage
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.inspection import RedisInspection
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.rights import BY_RQ, DONE_WITHOUT, TO_GO_ON, TO_TAKE, TO_WAIT, lacking, name_of
from hookrouter.store.server import RedisServer
from hookrouter.store.wake import RqWake
from hookrouter.testing.builders import FIELDS, RECEIVED_AT
from hookrouter.usecases.preflight import Preflight
from hookrouter.wire.pushes.lead_schema import read_batch

STORE = Path(hookrouter.store.__file__).parent
AROUND = ("WATCH", "MULTI", "EXEC", "DISCARD")
"""What makes transactions."""
SOME_KEYS = "Redis denies its user keys that it needs: give it the rights in docs/redis.md"


def names(lines: Sequence[str]) -> list[str]:
    return [name_of(line.split()) for line in lines]


TAKING = names(TO_TAKE)
RIGHTS = sorted({*TAKING, *names(TO_GO_ON), *names(BY_RQ), *AROUND})


def command(right: str) -> str:
    return right.split(maxsplit=1)[0].lower()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    made = OwnValkey.start(tmp_path_factory.mktemp("guarded"), "--appendonly", "no")
    yield made
    made.kill()


@pytest.fixture
def keys() -> Keys:
    """Those that the documented user may use, apart for each test."""
    return Keys(f"hr:{uuid4().hex[:8]}")


@pytest.fixture
def user(guarded: OwnValkey) -> Iterator[RedisServer]:
    """The connection of the documented user, as yet with all its rights."""
    admit(guarded)
    guarded.call("FLUSHALL")
    made = RedisServer(url_of(guarded))
    made.call("PING")  # redis-py introduces itself, and servers before 7.2 note that
    guarded.call("ACL", "LOG", "RESET")
    yield made
    made.client.close()


def rights(lacks: Sequence[Lack]) -> list[str]:
    return [lack.right for lack in lacks]


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_that_is_missing_is_found(guarded: OwnValkey, user: RedisServer, keys: Keys, right: str) -> None:
    admit(guarded, without=command(right))

    found = lacking(user, keys, waits=False)

    assert found == [Lack(right=right, keeps_pushes_out=right in TAKING)]
    assert guarded.call("DBSIZE") == 0


@pytest.mark.parametrize("right", RIGHTS)
def test_without_it_pushes_are_kept_out_just_if_it_says_so(
    guarded: OwnValkey, user: RedisServer, keys: Keys, right: str
) -> None:
    admit(guarded, without=command(right))
    guarded.call("SCRIPT", "FLUSH")
    log = RedisPushLog(
        server=user,
        keys=keys,
        layouts=Layouts(keys, 4),
        dedup_window=timedelta(minutes=10),
        keep_pushes=timedelta(days=7),
        keep_rejected=timedelta(days=30),
    )
    push = Push(
        id=PushId("p_1"), source=SourceName("crm"), received_at=RECEIVED_AT, body=b"someone@example.com", headers={}
    )

    try:
        log.accept(push, read_batch([FIELDS, {"id": "2", "leadScore": "many"}]))
        denied: Sequence[str] = ()
    except NotPermitted as fault:
        denied = fault.rights

    names_it = [right] if version_of(guarded) >= (7, 1) else denied  # before, not of what scripts run
    assert denied == (names_it if right in TAKING else ())
    assert bool(denied) == (right in TAKING)


def test_the_documented_user_lacks_nothing_and_nothing_is_noted_against_it(
    guarded: OwnValkey, user: RedisServer, keys: Keys
) -> None:
    assert lacking(user, keys, waits=True) == []

    assert guarded.call("ACL", "LOG") == []
    assert guarded.call("DBSIZE") == 0


def test_the_right_to_wait_is_missed_only_where_replicas_must_have_each_push(
    guarded: OwnValkey, user: RedisServer, keys: Keys
) -> None:
    admit(guarded, without="wait")

    assert lacking(user, keys, waits=False) == []
    assert lacking(user, keys, waits=True) == [Lack(right="WAIT", keeps_pushes_out=False)]


def test_keys_that_are_missing_are_found(guarded: OwnValkey, user: RedisServer) -> None:
    ours, others = Keys("hr"), Keys("zz")
    assert lacking(user, others, waits=False) == [Lack(right="keys zz:*", keeps_pushes_out=True)]
    admit(guarded, without="~rq:*")
    assert lacking(user, ours, waits=False) == [Lack(right="keys rq:*", keeps_pushes_out=False)]
    admit(guarded, without="~hr:*")
    assert lacking(user, ours, waits=False) == [Lack(right="keys hr:*", keeps_pushes_out=True)]


def test_a_user_that_may_do_nothing_lacks_all_of_it(guarded: OwnValkey, user: RedisServer, keys: Keys) -> None:
    admit(guarded, "+@all", "resetkeys", "-@all", "+multi", "+exec", "+discard", "+watch")
    found = lacking(user, keys, waits=False)
    admit(guarded, "-@all")

    assert {*rights(found)} >= {*RIGHTS} - {*AROUND}
    assert rights(lacking(user, keys, waits=False)) == ["WATCH", "MULTI", "EXEC"]


def test_a_database_that_may_not_be_chosen_is_found(guarded: OwnValkey, user: RedisServer, keys: Keys) -> None:
    elsewhere = RedisServer(url_of(guarded, database=3))

    facts = RedisInspection(server=elsewhere, keys=keys, clock=SystemClock()).facts()

    elsewhere.client.close()
    assert facts.lacks == [Lack(right="SELECT", keeps_pushes_out=True)]


async def test_what_is_denied_is_named_and_no_value_is(guarded: OwnValkey, user: RedisServer) -> None:
    waiting = AsyncRedisServer(url_of(guarded))
    denied = ("HSET", "hr:key", "field", "run the 'someone' command")
    both = [("SET", "hr:key", "someone@example.com"), denied]
    asked: list[tuple[Callable[..., Any], Sequence[Any]]] = [
        *((user.call, denied), (waiting.call, denied)),
        *((user.call_all, [both]), (user.transaction, [both]), (waiting.call_all, [both])),
        *((user.call, ("GET", "of-others:someone@example.com")), (waiting.call, ("GET", "of-others"))),
    ]
    admit(guarded, without="hset")

    told = []
    for ask, arguments in asked:
        with pytest.raises(NotPermitted) as fault:
            await ask(*arguments)
        told.append(str(fault.value))

    await waiting.close()
    assert told == [*["Redis denies its user HSET: give it the rights in docs/redis.md"] * 5, SOME_KEYS, SOME_KEYS]


def test_a_wake_up_that_rq_may_not_ring_tells_why(guarded: OwnValkey, user: RedisServer, keys: Keys) -> None:
    notes = Notes()
    admit(guarded, without="~rq:*")

    RqWake(user, keys, notes).ring(Stage.ROUTE)

    assert [event.reason for event in notes.of(NeighbourFailed)] == [f"a wake-up could not be rung: {SOME_KEYS}"]


def test_it_is_told_once_and_when_it_is_mended(guarded: OwnValkey, user: RedisServer, keys: Keys) -> None:
    notes, inspection = Notes(), RedisInspection(server=user, keys=keys, clock=SystemClock())
    preflight = Preflight(inspection=inspection, asked=Asked(), observer=notes)
    admit(guarded, without="time")
    preflight.refuse_unfit()
    preflight.once_there()
    told = [event.text for event in notes.of(RedisDoubtful) if event.finding == "rights"]
    known = len(notes.of(RedisFound))
    admit(guarded)
    preflight.once_there()
    preflight.once_there()

    assert [re.sub("^(Redis|Valkey)", "It", text) for text in told] == [
        "It denies its user TIME: what needs it stands still until it has the rights in docs/redis.md"
    ]
    assert (known, len(notes.of(RedisFound))) == (1, 2)


def test_whether_a_server_that_is_away_grants_them_is_not_known(guarded: OwnValkey, keys: Keys) -> None:
    nobody = RedisServer(url_of(guarded).replace("replace-me", "another"))

    with pytest.raises(StoreAway, match="refuses the user or password"):
        lacking(nobody, keys, waits=False)

    nobody.client.close()


def test_all_that_the_store_calls_is_looked_for() -> None:
    """By the names that scripts and modules of the store write where commands stand."""
    scripts = [file.read_text() for file in STORE.rglob("*.lua")]
    modules = [file.read_text() for file in STORE.rglob("*.py")]
    called = {name for text in scripts for name in re.findall(r"redis\.p?call\('([A-Z]+)'", text)}
    called |= {name for text in modules for name in re.findall(r"\(\s*\"([A-Z]{3,})\"", text)}

    looked_for = {name.split()[0] for name in [*TAKING, *names(TO_GO_ON), *names(TO_WAIT)]}

    assert looked_for | DONE_WITHOUT | {*AROUND} == called | {"SCRIPT", "CLIENT"}  # these two by redis-py and RQ
