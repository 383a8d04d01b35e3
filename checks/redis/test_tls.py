"""A server and its Sentinel that speak nothing but TLS, under a CA of their own, and ask for certificates."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from conftest import servers
from ports import free_ports

from hookrouter.domain.errors import StoreAway
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.server import RedisServer
from hookrouter.supervise.free_port import LOOPBACK

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Guarded:
    """Where they are, and what opens them."""

    port: int
    sentinel: int
    ca: Path
    certificate: Path
    key: Path

    @property
    def trust(self) -> str:
        return f"ssl_ca_certs={self.ca}"

    @property
    def papers(self) -> str:
        return f"{self.trust}&ssl_certfile={self.certificate}&ssl_keyfile={self.key}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert(LOOPBACK, "localhost")
    made = Guarded(*free_ports(2), folder / "ca.pem", folder / "one.crt", folder / "one.key")
    authority.cert_pem.write_to_path(str(made.ca))
    issued.private_key_pem.write_to_path(str(made.key))
    issued.cert_chain_pems[0].write_to_path(str(made.certificate))
    tls = [f"tls-cert-file {made.certificate}", f"tls-key-file {made.key}", f"tls-ca-cert-file {made.ca}", "port 0"]
    server, sentinel = folder / "server.conf", folder / "sentinel.conf"
    server.write_text("\n".join([*tls, f"tls-port {made.port}", f"dir {folder}", 'save ""']))
    watch = [f"sentinel monitor leads {LOOPBACK} {made.port} 1", "tls-replication yes", f"dir {folder}"]
    sentinel.write_text("\n".join([*tls, f"tls-port {made.sentinel}", *watch]))
    binary = next((each for each in servers() if speaks_tls(each, server)), None)
    assert binary is not None, "no server that speaks TLS: name one in the variable REDIS_SERVERS"
    running = [
        subprocess.Popen([str(binary), *arguments], stdout=subprocess.DEVNULL)
        for arguments in ([str(server)], [str(sentinel), "--sentinel"])
    ]
    await_answer(f"rediss+sentinel://{LOOPBACK}:{made.sentinel}/leads?{made.papers}")
    yield made
    for process in running:
        process.kill()
        process.wait()


def speaks_tls(binary: Path, configuration: Path) -> bool:
    """Whether it starts so; one that does not ends at once."""
    process = subprocess.Popen([str(binary), str(configuration)], stdout=subprocess.DEVNULL)
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def await_answer(url: str) -> None:
    server, deadline = RedisServer(url), time.monotonic() + PATIENCE
    while True:
        try:
            server.call("PING")
        except StoreAway:
            assert time.monotonic() < deadline, url
            time.sleep(0.05)
        else:
            server.client.close()
            return


@pytest.mark.parametrize("host", [LOOPBACK, "localhost"])
async def test_it_is_reached_with_a_certificate(guarded: Guarded, host: str) -> None:
    url = f"rediss://{host}:{guarded.port}/0?{guarded.papers}"
    waiting = AsyncRedisServer(url)

    assert RedisServer(url).call("SET", "key", "1")
    assert await waiting.call("GET", "key") == b"1"
    await waiting.close()


async def test_it_is_reached_by_its_sentinel(guarded: Guarded) -> None:
    url = f"rediss+sentinel://{LOOPBACK}:{guarded.sentinel}/leads/0?{guarded.papers}"
    waiting = AsyncRedisServer(url)

    assert RedisServer(url).call("SET", "key", "2")
    assert await waiting.call("GET", "key") == b"2"
    await waiting.close()


def test_without_one_it_is_told_what_is_missing(guarded: Guarded) -> None:
    with pytest.raises(StoreAway) as away:
        RedisServer(f"rediss://{LOOPBACK}:{guarded.port}/0?{guarded.trust}").call("PING")

    assert str(away.value) == (
        "Redis is not reachable: TLS fails; does it ask for a certificate (ssl_certfile and ssl_keyfile in the URL)?"
    )


def test_under_a_ca_that_is_not_trusted_neither_is_it(guarded: Guarded) -> None:
    with pytest.raises(StoreAway, match="name its CA in HOOKROUTER_REDIS_CA"):
        RedisServer(f"rediss://{LOOPBACK}:{guarded.port}/0").call("PING")
