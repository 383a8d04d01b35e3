"""Prepares what the demo needs before anything is started: a folder, ports, the stand-ins, a configuration."""

from __future__ import annotations

import base64
import contextlib
import secrets
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hookrouter.config.settings import Settings
from hookrouter.demo.configuration import Surroundings, demo_configuration
from hookrouter.demo.figures import Figures
from hookrouter.demo.theatre import Theatre
from hookrouter.supervise.free_port import LOOPBACK, free_ports
from hookrouter.supervise.lock import hold_data_dir
from hookrouter.supervise.supervisor import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One demo: its supervisor, its stand-ins and where the parts listen."""

    settings: Settings
    supervisor: Supervisor
    theatre: Theatre
    lock: int
    simulator_port: int
    surroundings: Surroundings

    def log(self, name: str) -> Path:
        """Where a part's lines are."""
        return self.settings.data_dir / "logs" / f"{name}.log"

    def elsewhere(self, command: str) -> str:
        """A command of hookrouter as another terminal asks the demo by it."""
        folder, file = (shlex.quote(str(path)) for path in (self.settings.data_dir, self.settings.config_path))
        return f"HOOKROUTER_DATA_DIR={folder} HOOKROUTER_CONFIG={file} hookrouter {command}"

    def look(self) -> Figures:
        """The numbers, read anew."""
        self.theatre.look(simulator=self.surroundings.simulator, receiver=self.surroundings.receiver)
        return self.theatre.figures()


@contextlib.contextmanager
def set_stage(settings: Settings, supervisor: Supervisor) -> Iterator[Stage]:
    """Prepare a demo; its folder is gone afterwards, also when this process is killed."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with (
        tempfile.TemporaryDirectory(prefix="hookrouter-demo-", ignore_cleanup_errors=True) as name,
        hold_data_dir(Path(name)) as lock,
        Theatre(secret=secret) as theatre,
    ):
        folder = Path(name)
        supervisor.remove_if_killed(folder)
        receiver, simulator = free_ports(2)
        surroundings = Surroundings(
            receiver=f"http://{LOOPBACK}:{receiver}",
            simulator=f"http://{LOOPBACK}:{simulator}",
            stand_ins=theatre.url,
            mail_port=theatre.mail_port,
            token=secrets.token_urlsafe(24),
            secret=secret,
        )
        yield Stage(
            settings=_own_settings(settings, folder, surroundings, port=receiver),
            supervisor=supervisor,
            theatre=theatre,
            lock=lock,
            simulator_port=simulator,
            surroundings=surroundings,
        )


def _own_settings(settings: Settings, folder: Path, surroundings: Surroundings, *, port: int) -> Settings:
    path = folder / "hookrouter.yaml"
    path.touch(mode=0o600)
    path.write_text(demo_configuration(surroundings), encoding="utf-8")
    return replace(settings, config_path=path, data_dir=folder, host=LOOPBACK, port=port, admin_token=None)
