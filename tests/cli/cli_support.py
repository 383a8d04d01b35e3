"""The real command as a subprocess, in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
import warm
from warm import WarmProcess

PATIENCE = 60
KEY = "a-secret-that-nobody-prints"
CONFIGURATION = """\
version: 1
receiver:
  public_url: https://hooks.example.com/in/
  sources:
    crm: {token: a-token-only-for-tests}
redact: [nickName]
egress: {allow: [127.0.0.0/8]}
sinks:
  log: {type: stdout}
  billing: {type: http, url: "http://127.0.0.1:9/leads"}
routes:
  - name: hot-lead
    match: {leadScore: {gte: 80}}
    to: [log, billing]
  - name: closed
    match: {leadStatus: customer}
    to: [log]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(kw_only=True)
class Shell:
    """Runs `hookrouter` in a folder with an environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def configure(self, text: str) -> None:
        (self.folder / "hookrouter.yaml").write_text(text)

    def write(self, name: str, value: object) -> str:
        """A file with JSON; its name."""
        (self.folder / name).write_text(json.dumps(value))
        return name

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "hookrouter", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            text=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams,
        )

    def run(self, *arguments: str, given: str | None = None) -> Ended:
        """Run it to its end, in a process that has imported already."""
        with TemporaryFile() as input_, TemporaryFile() as output, TemporaryFile() as errors:
            input_.write((given or "").encode())
            input_.seek(0)
            streams = {"given": input_.fileno(), "output": output.fileno(), "errors": errors.fileno()}
            process = self.start_warm(*arguments, **streams)
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                pytest.fail(f"not within {PATIENCE} s: hookrouter {' '.join(arguments)}")
            for each in (output, errors):
                each.seek(0)
            return Ended(code=code, out=output.read().decode(), err=errors.read().decode())

    def start_warm(self, *arguments: str, **streams: int) -> WarmProcess:
        """Start it in a process that has imported already."""
        environment = {**os.environ, **self.environment}
        return warm.start(*arguments, folder=self.folder, environment=environment, **streams)

    def on_terminal(self, *arguments: str, columns: int = 200, stream: str = "stdout") -> str:
        """What a command shows on a terminal by one of its streams."""
        primary, secondary = pty.openpty()
        termios.tcsetwinsize(secondary, (24, columns))
        with Path(os.devnull).open("w") as nothing:
            outputs = {"stdout": nothing.fileno(), "stderr": nothing.fileno()} | {stream: secondary}
            process = self.start_warm(*arguments, output=outputs["stdout"], errors=outputs["stderr"])
        os.close(secondary)
        shown = b""
        with contextlib.suppress(OSError):  # how a pseudo-terminal says that nobody writes to it any more
            while part := os.read(primary, 65536):
                shown += part
        process.wait(PATIENCE)
        os.close(primary)
        return shown.decode()
