"""Real Sentinels over servers of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import redis
from ports import free_ports
from valkeys import OwnValkey, eventually, server_binary

from hookrouter.supervise.children import LEASH
from hookrouter.supervise.free_port import LOOPBACK

NAME = "leads"
"""How they call the primary."""


@dataclass(slots=True)
class OwnSentinel:
    """One Sentinel; it dies with the test's process."""

    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls,
        folder: Path,
        primary: OwnValkey,
        *options: str,
        down_after: int = 300,
        failover_timeout: int = 5000,
        quorum: int = 1,
    ) -> OwnSentinel:
        """Watch a primary that is taken for down after so many milliseconds.

        A failover whose votes were split is tried again after twice the `failover_timeout`, in milliseconds.
        """
        folder.mkdir(exist_ok=True)
        [port] = free_ports(1)
        file = folder / "sentinel.conf"
        settings = [
            f"port {port}",
            f"bind {LOOPBACK}",
            f"dir {folder}",
            f"sentinel monitor {NAME} {LOOPBACK} {primary.port} {quorum}",
            f"sentinel down-after-milliseconds {NAME} {down_after}",
            f"sentinel failover-timeout {NAME} {failover_timeout}",
            *options,
        ]
        file.write_text("\n".join(settings))
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), "--"]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*leash, server_binary(), str(file), "--sentinel"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        made = cls(port=port, process=process)
        eventually(made._answers, f"a Sentinel: {(folder / 'log').read_text()[-500:]}")
        return made

    @property
    def place(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def primary(self) -> int:
        """The port of who is primary."""
        with redis.Redis(host=LOOPBACK, port=self.port) as client:
            return int(client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)[1])

    def listed(self) -> int:
        """The port of who is primary, as `Sentinels` are told: not before a failover has ended."""
        with redis.Redis(host=LOOPBACK, port=self.port) as client:
            return int(client.sentinel_masters()[NAME]["port"])

    def replicas(self) -> int:
        """How many of the primary's replicas it knows, and finds well."""
        with redis.Redis(host=LOOPBACK, port=self.port) as client:
            return sum(not each["is_sdown"] for each in client.sentinel_slaves(NAME))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        with redis.Redis(host=LOOPBACK, port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.AuthenticationError:
                return True
            except redis.RedisError:
                return False
