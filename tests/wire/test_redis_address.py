"""Addresses of Redis: read whole, or refused in one line that tells no password."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.errors import ConfigurationError
from hookrouter.wire.redis_address import Place, RedisAddress, read_address, trusting

HERE = [Place("127.0.0.1", 6379)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://127.0.0.1", RedisAddress(places=HERE)),
        ("redis://127.0.0.1:6379/0", RedisAddress(places=HERE)),
        ("REDIS://127.0.0.1/3", RedisAddress(places=HERE, database=3)),
        ("redis://127.0.0.1?db=4", RedisAddress(places=HERE, database=4)),
        ("redis://:p%40s%2Fs@[::1]:7000", RedisAddress(places=[Place("::1", 7000)], password="p@s/s")),
        ("redis://app:pw@h", RedisAddress(places=[Place("h", 6379)], username="app", password="pw")),
        (
            "rediss://h/0?ssl_ca_certs=/a.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem",
            RedisAddress(places=[Place("h", 6379)], is_tls=True, ca="/a.pem", certificate="/c.pem", key="/k.pem"),
        ),
        ("rediss://h?ssl_cert_reqs=none", RedisAddress(places=[Place("h", 6379)], is_tls=True, is_checked=False)),
        ("rediss://h?ssl_cert_reqs=CERT_NONE", RedisAddress(places=[Place("h", 6379)], is_tls=True, is_checked=False)),
        ("unix:///run/redis.sock", RedisAddress(socket="/run/redis.sock")),
        (
            "unix://app:pw@/run/r.sock?db=2",
            RedisAddress(socket="/run/r.sock", username="app", password="pw", database=2),
        ),
        ("unix:///run/r.sock?password=pw", RedisAddress(socket="/run/r.sock", password="pw")),
        (
            "redis+sentinel://app:pw@a,b:1,[::1]:2/leads/5?sentinel_username=s&sentinel_password=t",
            RedisAddress(
                places=[Place("a", 26379), Place("b", 1), Place("::1", 2)],
                primary="leads",
                username="app",
                password="pw",
                database=5,
                sentinel_username="s",
                sentinel_password="t",
            ),
        ),
        ("rediss+sentinel://a/leads", RedisAddress(places=[Place("a", 26379)], primary="leads", is_tls=True)),
    ],
)
def test_an_address_is_read_whole(text: str, expected: RedisAddress) -> None:
    assert read_address(text) == expected


SCHEMES = "must start with redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://"
NO_URL = "is no URL: write redis://:PASSWORD@HOST:PORT/0, with %XX for marks in PASSWORD"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", SCHEMES),
        ("localhost:6379", SCHEMES),
        ("http://h", SCHEMES),
        ("redis:h", SCHEMES),
        ("'redis://h'", SCHEMES),
        ("redis-sentinel://h/leads", SCHEMES),
        ("redis://", "names no host: write redis://HOST:PORT/0"),
        ("redis:///0", "names no host: write redis://HOST:PORT/0"),
        ("redis://:6379/0", "names no host: write redis://HOST:PORT/0"),
        ("redis://h:0", NO_URL),
        ("redis://h:65536", NO_URL),
        ("redis://h:port", NO_URL),
        ("redis://[::1", NO_URL),
        ("redis://a..b", NO_URL),
        (f"redis://{'a' * 64}.example", NO_URL),
        ("redis+sentinel://a,b..c/leads", NO_URL),
        ("redis://a b", NO_URL),
        ("redis://h\n", NO_URL),
        ("redis://:secret/s@h", NO_URL),
        ("redis://:secret?s@h", NO_URL),
        ("redis://:secret#s@h", NO_URL),
        ("redis://:secret[s@h", NO_URL),
        (
            "redis://secret@h",
            "names a user and no password: write redis://USER:PASSWORD@HOST:PORT/0, or redis://:PASSWORD@HOST:PORT/0",
        ),
        ("redis://h/leads", "ends in what is no number of a database: write redis://HOST:PORT/0"),
        ("redis://h/0/1", "ends in what is no number of a database: write redis://HOST:PORT/0"),
        ("redis://h?db=-1", "ends in what is no number of a database: write redis://HOST:PORT/0"),
        ("redis://a,b", "names several hosts: that is for redis+sentinel://HOST:PORT,HOST:PORT/NAME/0"),
        (
            "redis+sentinel://a,b",
            "names no primary: write redis+sentinel://HOST:PORT,HOST:PORT/NAME/0, with NAME as the Sentinels call it",
        ),
        (
            "redis+sentinel://a,b/0",
            "names no primary: write redis+sentinel://HOST:PORT,HOST:PORT/NAME/0, with NAME as the Sentinels call it",
        ),
        ("redis+sentinel://a,,b/leads", "names no host: write redis://HOST:PORT/0"),
        ("unix://", "names no socket: write unix:///FOLDER/SOCKET?db=0"),
        ("unix://run/r.sock", "names no socket: write unix:///FOLDER/SOCKET?db=0"),
        (
            "redis://h?ssl_ca_certs=/a",
            "says behind the `?` what is not known there (ssl_ca_certs): with redis:// known are db",
        ),
        ("redis://h?sEcret=1", "says behind the `?` what is not known there: with redis:// known are db"),
        ("rediss://h?ssl_cert_reqs=some", "says of ssl_cert_reqs what is not known: give required or none"),
    ],
)
def test_what_is_none_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_address(text)

    assert str(refused.value) == said


@given(st.text(min_size=1))
def test_any_password_is_read_as_it_was_written(password: str) -> None:
    assert read_address(f"redis://:{quote(password, safe='')}@h").password == password


MARKS = st.text("ab:/?#@[]%,&=\n", max_size=20)


@given(before=MARKS, after=MARKS)
def test_however_it_is_written_its_password_is_never_told(before: str, after: str) -> None:
    try:
        told = repr(read_address(f"redis://{before}:SECRET{after}@h"))
    except ConfigurationError as fault:
        told = str(fault)

    assert "SECRET" not in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rediss://h/0", "rediss://h/0?ssl_ca_certs=/a%20b.pem"),
        ("rediss://h?db=1&ssl_ca_certs=/other.pem", "rediss://h?db=1&ssl_ca_certs=/a%20b.pem"),
    ],
)
def test_a_ca_becomes_part_of_the_address(text: str, expected: str) -> None:
    found = trusting(text, "/a b.pem")

    assert found == expected
    assert read_address(found).ca == "/a b.pem"


def test_a_ca_for_what_speaks_no_tls_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="begin it with rediss"):
        trusting("redis://h", "/a.pem")


def test_what_is_on_this_machine_is_known() -> None:
    local = ["redis://localhost", "redis://127.1.2.3", "redis://[::1]", "unix:///r.sock", "redis+sentinel://[::1]/x"]
    distant = ["redis://10.0.0.1", "redis://redis", "redis+sentinel://[::1],10.0.0.1/x"]

    assert [read_address(text).is_local for text in local + distant] == [True] * 5 + [False] * 3
