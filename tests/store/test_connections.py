"""The two connections to Redis, by the addresses that the environment may name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from fronts import TlsFront
from valkeys import OwnValkey

from hookrouter.domain.errors import StoreAway
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK

CERTIFICATE = Path(__file__).parents[1] / "net" / "localhost.pem"
OTHER = CERTIFICATE.with_name("elsewhere.pem")


class Server(Protocol):
    """A running server."""

    @property
    def port(self) -> int: ...

    @property
    def socket(self) -> Path: ...


@pytest.fixture
def front(valkey: Server) -> Iterator[TlsFront]:
    made = TlsFront(valkey.port, CERTIFICATE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    """A server with a password, and a user."""
    made = OwnValkey.start(tmp_path_factory.mktemp("guarded"), "--requirepass", "a/pass:word@")
    RedisServer(f"redis://:a%2Fpass%3Aword%40@{LOOPBACK}:{made.port}").call(
        "ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all", "-select"
    )
    yield made
    made.kill()


async def ask_both(url: str) -> list[object]:
    """What either connection is answered; a failure is its text."""
    blocking, waiting = RedisServer(url, answer_within=2.0), AsyncRedisServer(url, answer_within=2.0)
    answers: list[object] = []
    try:
        answers.append(blocking.call("PING"))
    except StoreAway as fault:
        answers.append(str(fault))
    try:
        answers.append(await waiting.call("PING"))
    except StoreAway as fault:
        answers.append(str(fault))
    blocking.client.close()
    await waiting.close()
    return answers


async def test_a_server_is_reached_by_its_unix_socket(valkey: Server) -> None:
    assert await ask_both(f"unix://{valkey.socket}?db=0") == [True, True]


@pytest.mark.parametrize("user", [":a%2Fpass%3Aword%40", "default:a%2Fpass%3Aword%40", "app:s3cret"])
async def test_a_server_is_reached_by_password_and_by_user(guarded: OwnValkey, user: str) -> None:
    assert await ask_both(f"redis://{user}@{LOOPBACK}:{guarded.port}/0") == [True, True]


async def test_a_server_is_reached_by_tls_under_a_ca_of_its_own(front: TlsFront) -> None:
    assert await ask_both(f"rediss://localhost:{front.port}/0?ssl_ca_certs={CERTIFICATE}") == [True, True]
    assert await ask_both(f"rediss://{LOOPBACK}:{front.port}/0?ssl_ca_certs={CERTIFICATE}") == [True, True]
    assert await ask_both(f"rediss://{LOOPBACK}:{front.port}/0?ssl_cert_reqs=none") == [True, True]


REFUSED = "Redis refuses the user or password of its URL"
DENIED = "Redis denies its user SELECT: give it the rights in docs/redis.md"
PLAIN = "write redis:// for rediss://"
"""One that waits for the end of what it takes for a command is late, one that finds an end says that it is none."""
AWAY = "Redis is not reachable"
WRONG: dict[str, tuple[Callable[[int, int], str], str]] = {
    "no password": (lambda guarded, _: f"redis://{LOOPBACK}:{guarded}", REFUSED),
    "another password": (lambda guarded, _: f"redis://:other@{LOOPBACK}:{guarded}", REFUSED),
    "another user": (lambda guarded, _: f"redis://nobody:s3cret@{LOOPBACK}:{guarded}", REFUSED),
    "what the user may not": (lambda guarded, _: f"redis://app:s3cret@{LOOPBACK}:{guarded}/1", DENIED),
    "no such database": (
        lambda guarded, _: f"redis://:a%2Fpass%3Aword%40@{LOOPBACK}:{guarded}/99",
        "Redis has no database of the number in its URL",
    ),
    "nobody there": (lambda *_: f"redis://{LOOPBACK}:1", AWAY),
    "no such host": (lambda *_: "redis://nowhere.invalid", f"{AWAY}: the host of its URL has no address"),
    "no such socket": (lambda *_: "unix:///nowhere/r.sock", f"{AWAY}: there is no file of the name in its URL"),
    "a CA that is not trusted": (
        lambda _, front: f"rediss://{LOOPBACK}:{front}",
        f"{AWAY}: its certificate is not trusted (self-signed certificate); name its CA in HOOKROUTER_REDIS_CA",
    ),
    "another CA": (
        lambda _, front: f"rediss://{LOOPBACK}:{front}?ssl_ca_certs={OTHER}",
        f"{AWAY}: its certificate is not trusted (self-signed certificate); name its CA in HOOKROUTER_REDIS_CA",
    ),
    "a certificate that is no file": (
        lambda _, front: f"rediss://{LOOPBACK}:{front}?ssl_ca_certs=/nowhere.pem",
        f"{AWAY}: there is no file of the name in its URL",
    ),
    "TLS where none is spoken": (
        lambda guarded, _: f"rediss://{LOOPBACK}:{guarded}",
        PLAIN,
    ),
    "no TLS where it is spoken": (lambda _, front: f"redis://{LOOPBACK}:{front}", AWAY),
    "a server in a Sentinel's place": (
        lambda guarded, _: f"redis+sentinel://{LOOPBACK}:{guarded}/leads?sentinel_password=a%2Fpass%3Aword%40",
        f"{AWAY}: what answers in a Sentinel's place is none",
    ),
    "no Sentinel there": (lambda *_: f"redis+sentinel://{LOOPBACK}:1/leads", f"{AWAY}: no Sentinel answers"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_wrong_with_an_address_is_told_in_one_line(
    guarded: OwnValkey, front: TlsFront, what: str
) -> None:
    url, said = WRONG[what]

    answers = await ask_both(url(guarded.port, front.port))

    assert [PLAIN if said == PLAIN and PLAIN in str(answer) else answer for answer in answers] == [said, said]


@pytest.mark.parametrize("host", [LOOPBACK, "localhost"])
async def test_a_certificate_for_another_host_is_not_taken_for_one_whose_ca_is_missing(
    valkey: Server, host: str
) -> None:
    front = TlsFront(valkey.port, OTHER)

    answers = await ask_both(f"rediss://{host}:{front.port}/0?ssl_ca_certs={OTHER}")

    front.close()
    said = f"{AWAY}: its certificate is for another name than that of its URL; write the host that it names"
    assert answers == [said, said]


async def test_what_speaks_another_protocol_is_said_to_be_no_redis() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        await reader.read()  # until who asked hangs up
        writer.close()

    async with await asyncio.start_server(refuse, LOOPBACK, 0) as other:
        url = f"redis://{LOOPBACK}:{other.sockets[0].getsockname()[1]}/0"
        blocking, waiting = RedisServer(url), AsyncRedisServer(url)
        for asking in (asyncio.to_thread(blocking.call, "PING"), waiting.call("PING")):
            with pytest.raises(StoreAway) as away:
                await asking
            assert str(away.value) == f"{AWAY}: what answers there is no Redis; see whether the port is right"
        blocking.client.close()
        await waiting.close()


async def test_however_many_ask_at_once_each_is_answered(valkey: Server) -> None:
    server = AsyncRedisServer(f"unix://{valkey.socket}?db=0")

    answers = await asyncio.gather(*[server.call("ECHO", str(number)) for number in range(500)])

    await server.close()
    assert answers == [str(number).encode() for number in range(500)]


def test_once_a_password_is_refused_none_that_was_in_use_goes_on_by_the_former(own_valkey: OwnValkey) -> None:
    server = RedisServer(own_valkey.url)
    in_use = server.client.connection_pool.get_connection()
    own_valkey.call("CONFIG", "SET", "requirepass", "another")
    with pytest.raises(StoreAway):
        server.call("PING")
    server.client.connection_pool.release(in_use)

    with pytest.raises(StoreAway, match=REFUSED):
        server.call("PING")

    server.client.close()
