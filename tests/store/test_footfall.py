"""What came to the hooks, told to a real server by several processes and through its absence."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ports import free_ports

from hookrouter.clock import SystemClock
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import SourceName
from hookrouter.domain.push_path import Path, Verdict
from hookrouter.domain.rhythm import SLOTS, Rhythm, Usual, hour_of
from hookrouter.domain.subscription import digest_of, subscribed
from hookrouter.domain.watched import Arrivals, Watched
from hookrouter.store.footfall import KEPT, RedisFootfall, arrivals_in, questions_of, token_name
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.watching import subscription_in, watched_in
from hookrouter.wire.kept.watched import read_subscription, read_watched, write_subscription, write_watched

CRM, FORMS = SourceName("crm"), SourceName("forms")
NEW, OLD = "newest-token-0123456789", "former-token-0123456789"
NOW = SystemClock().now()
HOUR = hour_of(NOW)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def footfall(server: RedisServer, keys: Keys) -> RedisFootfall:
    return RedisFootfall(server=server, keys=keys)


def told(server: RedisServer, keys: Keys, source: SourceName = CRM) -> Arrivals:
    return arrivals_in(server.call_all(questions_of(keys, source, NOW)), NOW)


def test_a_minute_in_which_several_processes_took_pushes_is_one(
    footfall: RedisFootfall, server: RedisServer, keys: Keys
) -> None:
    other = RedisFootfall(server=server, keys=keys)
    for each, moments in ((footfall, (0, 1, 61)), (other, (30, 3599))):
        for seconds in moments:
            each.note(CRM, NEW, HOUR + seconds * SECOND, is_canary=False)
        each.flush(NOW)

    assert told(server, keys).busy == {HOUR: 3}
    assert told(server, keys, FORMS) == Arrivals()


def test_the_latest_counts_in_whatever_order_it_is_told(
    footfall: RedisFootfall, server: RedisServer, keys: Keys
) -> None:
    late = RedisFootfall(server=server, keys=keys)
    late.note(CRM, OLD, HOUR, is_canary=False)
    footfall.note(CRM, NEW, HOUR + MINUTE, is_canary=False)
    footfall.note(CRM, NEW, HOUR, is_canary=False)
    footfall.flush(NOW)
    late.flush(NOW)

    found = told(server, keys)
    assert found.last_push == HOUR + MINUTE
    assert found.by_token == {token_name(NEW): HOUR + MINUTE, token_name(OLD): HOUR}


def test_a_canary_shows_that_its_token_is_used_and_nothing_of_the_account(
    footfall: RedisFootfall, server: RedisServer, keys: Keys
) -> None:
    footfall.note(CRM, NEW, HOUR, is_canary=True)
    footfall.flush(NOW)

    assert told(server, keys) == Arrivals(by_token={token_name(NEW): HOUR})


def test_what_cannot_be_told_waits_until_it_can(keys: Keys, server: RedisServer) -> None:
    [port] = free_ports(1)
    footfall = RedisFootfall(server=RedisServer(f"redis://127.0.0.1:{port}/0"), keys=keys)
    footfall.note(CRM, NEW, HOUR, is_canary=False)
    with pytest.raises(StoreAway):
        footfall.flush(NOW)
    footfall.server = server
    footfall.flush(NOW)
    footfall.flush(NOW)

    assert told(server, keys).busy == {HOUR: 1}


def test_what_is_noted_ends_by_itself(footfall: RedisFootfall, server: RedisServer, keys: Keys) -> None:
    footfall.note(CRM, OLD, NOW - KEPT - SECOND, is_canary=False)
    footfall.note_turned_away(CRM, "a wrong token", NOW)
    footfall.flush(NOW)

    assert told(server, keys) == Arrivals(
        turned_away={"a wrong token": told(server, keys).turned_away["a wrong token"]}
    )
    busy = keys.busy(CRM, int(hour_of(NOW - KEPT - SECOND).timestamp()) // 3600)
    assert 0 < server.call("TTL", busy) <= 2 * 86_400


moments = st.none() | st.timedeltas(-timedelta(days=2000), timedelta(days=2000)).map(lambda span: NOW + span)
weights = st.builds(
    Usual,
    busy=st.floats(0, 300).map(lambda value: round(value, 4)),
    weeks=st.floats(0, 5).map(lambda value: round(value, 4)),
)
paths = st.builds(
    Path,
    verdict=st.sampled_from(Verdict),
    mark=st.text(max_size=31),
    is_waiting=st.booleans(),
    sent_at=moments,
    took=st.none() | st.floats(0, 1e6),
    back_at=moments,
    reason=st.text(max_size=50),
    broken_since=moments,
    renewed_at=moments,
)


@given(paths, st.dictionaries(st.integers(0, SLOTS - 1), weights), moments, moments)
def test_what_is_remembered_is_as_it_was_after_a_restart(
    path: Path, usual: dict[int, Usual], learned: datetime | None, silence: datetime | None
) -> None:
    watched = Watched(path=path, rhythm=Rhythm(usual=usual, learned_until=learned), told=silence)

    assert read_watched(write_watched(watched)) == watched


def test_a_subscription_is_remembered_without_its_token() -> None:
    url = f"https://hooks.example.com/hooks/crm/{NEW}"
    made = subscribed(url, NOW).failed(url, "the CRM is away", NOW + MINUTE)

    assert read_subscription(write_subscription(made)) == made
    assert (made.address, made.is_of(url)) == (digest_of(url), True)
    assert NEW.encode() not in write_subscription(made)


@pytest.mark.parametrize("record", [None, b"", b"{}", b'{"v":1}', b'{"v":99}'])
def test_what_cannot_be_read_is_learned_anew(record: bytes | None) -> None:
    assert watched_in(record) == Watched()
    assert subscription_in(record).at is None
