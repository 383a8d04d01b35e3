"""Turns at the CRM on a real server: so many a second and a day, the urgent ones first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from hookrouter.domain.quota import CallCount, Purpose
from hookrouter.store import crm_calls
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.crm_calls import CrmTurns, HeardCounts, quota_of
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer

NOW = timedelta()
FAST, SLOW = 1000.0, 1 / 60
"""Turns a second: one that hinders nobody here, and one of which no second comes while a test runs."""


class Account:
    """What processes share of the CRM."""

    def __init__(self, server: AsyncRedisServer, keys: Keys) -> None:
        self.server, self.keys = server, keys

    def turns(
        self, purpose: Purpose, *, rate: float = FAST, daily: int = 1000, heard: HeardCounts | None = None
    ) -> CrmTurns:
        return CrmTurns(
            server=self.server,
            keys=self.keys,
            rate=rate,
            purpose=purpose,
            daily_limit=daily,
            heard=heard or HeardCounts(),
        )

    async def take(self, purpose: Purpose, count: int, *, daily: int = 1000) -> int:
        """Ask until there were so many turns, or one is far away; how many there were."""
        turns, taken = self.turns(purpose, daily=daily), 0
        while taken < count and (wait := await turns.take()) < timedelta(seconds=1):
            taken += wait == NOW
            await asyncio.sleep(wait.total_seconds())
        return taken


@pytest.fixture
def account(async_server: AsyncRedisServer, keys: Keys) -> Account:
    return Account(async_server, keys)


async def test_no_two_turns_are_nearer_than_the_rate_allows(account: Account) -> None:
    first, second = account.turns(Purpose.READ_BACK, rate=SLOW), account.turns(Purpose.OPERATOR, rate=SLOW)

    assert await first.take() == NOW
    assert timedelta(seconds=25) < await second.take() <= timedelta(seconds=30)


async def test_an_urgent_purpose_that_waits_goes_before_one_that_is_not(account: Account) -> None:
    rate = 4.0
    urgent, patient = account.turns(Purpose.READ_BACK, rate=rate), account.turns(Purpose.ENRICHMENT, rate=rate)
    assert await patient.take() == NOW
    wait = await urgent.take()
    assert wait > NOW

    await asyncio.sleep(wait.total_seconds() + 0.02)

    assert await patient.take() > NOW, "the turn is the urgent one's"
    assert await urgent.take() == NOW
    await asyncio.sleep(1 / rate + 0.05)
    assert await patient.take() == NOW


@pytest.mark.parametrize(
    ("purpose", "granted"),
    [(Purpose.ENRICHMENT, 18), (Purpose.RECONCILE, 19), (Purpose.READ_BACK, 20), (Purpose.DELIVERY, 20)],
)
async def test_each_purpose_sees_its_share_of_the_day(account: Account, purpose: Purpose, granted: int) -> None:
    assert await account.take(purpose, 30, daily=20) == granted


async def test_what_the_others_of_the_account_call_counts_too(account: Account, server: RedisServer) -> None:
    heard = HeardCounts()
    heard.note(CallCount(calls=949, limit=1000))

    await account.turns(Purpose.READ_BACK, daily=50_000, heard=heard).take()

    assert await account.take(Purpose.RECONCILE, 1, daily=50_000) == 0
    assert await account.take(Purpose.READ_BACK, 1, daily=50_000) == 1
    quota = quota_of(server, account.keys, 50_000)
    assert (quota.used, quota.limit) == (951, 1000)
    assert quota.gives_way == "neither histories nor missed changes are asked for any more"


async def test_a_count_that_lags_behind_a_little_is_not_believed_and_a_new_days_is(
    account: Account, server: RedisServer
) -> None:
    heard = HeardCounts()
    for told, used in ((500, 501), (460, 502), (3, 4)):
        heard.note(CallCount(calls=told))
        await account.turns(Purpose.OPERATOR, heard=heard).take()
        await asyncio.sleep(0.01)
        assert quota_of(server, account.keys, 50_000).used == used


async def test_each_hour_the_crm_is_asked_whether_its_day_has_ended(account: Account, server: RedisServer) -> None:
    heard = HeardCounts()
    heard.note(CallCount(calls=1000, limit=1000))
    turns, key = account.turns(Purpose.READ_BACK, daily=50_000, heard=heard), account.keys.crm_calls()
    assert [await turns.take() > NOW for _ in range(2)] == [True, True]

    server.call("HSET", key, "ask", 1)  # an hour later
    assert await account.turns(Purpose.RECONCILE, daily=50_000).take() > NOW
    assert await turns.take() == NOW
    assert await turns.take() > NOW, "one turn an hour"
    heard.note(CallCount(calls=1, limit=1000))  # what it was answered
    await asyncio.sleep(0.01)

    assert await turns.take() == NOW
    assert quota_of(server, account.keys, 50_000).used == 2


async def test_when_the_crm_says_that_the_day_is_spent_nobody_calls_for_a_while(account: Account) -> None:
    heard = HeardCounts()
    heard.note_spent()

    assert await account.turns(Purpose.OPERATOR, heard=heard).take() == timedelta(seconds=30)
    assert await account.turns(Purpose.READ_BACK).take() == timedelta(seconds=30)


async def test_when_the_crm_says_that_too_many_calls_came_all_processes_are_silent_for_a_second(
    account: Account, server: RedisServer
) -> None:
    heard = HeardCounts()
    heard.note_throttled()

    assert NOW < await account.turns(Purpose.OPERATOR, heard=heard).take() <= timedelta(seconds=1)
    assert NOW < await account.turns(Purpose.READ_BACK).take() <= timedelta(seconds=1)
    assert not quota_of(server, account.keys, 50_000).is_spent

    server.call("HSET", account.keys.crm_calls(), "slow", 1)  # long ago
    assert await account.turns(Purpose.OPERATOR, heard=heard).take() == NOW, "it is told once"


async def test_that_the_crm_says_so_shows_also_when_the_counts_do_not(
    account: Account, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = HeardCounts()
    monkeypatch.setattr(crm_calls, "SPENT_FOR", timedelta(seconds=1))
    await account.turns(Purpose.READ_BACK).take()
    before = quota_of(server, account.keys, 50_000)
    heard.note_spent()
    await asyncio.sleep(1)  # who was refused waits as long, and tells it then
    await account.turns(Purpose.OPERATOR, heard=heard).take()
    during = quota_of(server, account.keys, 50_000)

    assert (before.is_spent, before.gives_way) == (False, "")
    assert during.is_spent
    assert during.gives_way.startswith("the CRM says that the day's calls are used up")


async def test_after_that_while_the_crm_is_asked_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crm_calls, "SPENT_FOR", timedelta(seconds=1))
    heard = HeardCounts()
    heard.note_spent()

    assert NOW < await account.turns(Purpose.OPERATOR, heard=heard).take() <= timedelta(seconds=1)
    await asyncio.sleep(1.05)
    assert await account.turns(Purpose.OPERATOR, heard=heard).take() == NOW


async def test_the_count_is_forgotten_after_two_days(account: Account) -> None:
    await account.turns(Purpose.OPERATOR).take()

    assert 0 < await account.server.call("PTTL", account.keys.crm_calls()) <= 2 * 86_400_000
