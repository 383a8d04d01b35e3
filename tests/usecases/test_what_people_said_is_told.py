"""Pauses and silences are reported when they begin and when they end, once for all processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hookrouter.domain.events import Event
from hookrouter.domain.ids import SinkName
from hookrouter.domain.order_events import PauseBegan, PauseEnded, SilenceBegan, SilenceEnded
from hookrouter.domain.pause import Pause
from hookrouter.domain.silence import Silence
from hookrouter.store.keys import Keys
from hookrouter.store.pauses import RedisPauses
from hookrouter.store.server import RedisServer
from hookrouter.store.silences import RedisSilences
from hookrouter.store.told_orders import RedisToldOrders

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)


def test_each_is_told_once_when_it_begins_and_once_when_it_is_over(server: RedisServer, keys: Keys) -> None:
    pauses, silences = RedisPauses(server=server, keys=keys), RedisSilences(server=server, keys=keys)
    one, other = RedisToldOrders(server=server, keys=keys), RedisToldOrders(server=server, keys=keys)
    pauses.keep("sink:sales", Pause(by="ada", reason="a move", since=NOW))
    pauses.keep("route:hot-lead", Pause(by="ben", reason="", since=NOW, until=SOON))
    silence = Silence(
        id="s_1", match={"state": "CA"}, sinks=(SinkName("sales"),), by="ada", reason="a list", since=NOW, until=SOON
    )
    silences.keep(silence, NOW)

    begun: list[Event] = sorted([*one.news(NOW), *other.news(NOW)], key=lambda event: event.name + str(event))
    assert begun == [
        PauseBegan(what="route:hot-lead", by="ben", reason="", until=SOON.isoformat()),
        PauseBegan(what="sink:sales", by="ada", reason="a move", until=""),
        SilenceBegan(silence="s_1", sinks=(SinkName("sales"),), by="ada", reason="a list", until=SOON.isoformat()),
    ]
    assert one.news(NOW) == []

    ended = sorted([*other.news(LATER), *one.news(LATER)], key=lambda event: event.name)
    assert ended == [PauseEnded(what="route:hot-lead"), SilenceEnded(silence="s_1")]

    pauses.lift("sink:sales")
    assert one.news(LATER) == [PauseEnded(what="sink:sales")]
    assert server.call("EXISTS", keys.told_orders()) == 0


def test_a_pause_that_takes_the_place_of_another_is_told_anew(server: RedisServer, keys: Keys) -> None:
    pauses, told = RedisPauses(server=server, keys=keys), RedisToldOrders(server=server, keys=keys)
    pauses.keep("sink:sales", Pause(by="ada", reason="a move", since=NOW))
    told.news(NOW)
    pauses.keep("sink:sales", Pause(by="ben", reason="another", since=SOON))

    assert told.news(SOON) == [PauseBegan(what="sink:sales", by="ben", reason="another", until="")]
