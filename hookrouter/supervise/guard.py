"""Keeps a warden at hand and told of every session that must not outlive this process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

WARDEN = Path(__file__).with_name("warden.py")
LAST_WAIT = 5.0  # seconds for a warden with nothing to kill


class Guard:
    """The near end of the warden's pipe."""

    def __init__(self) -> None:
        self._sessions: set[int] = set()
        self._folders: list[Path] = []
        self._warden = _start_warden()

    def watch(self, session: int) -> None:
        """Have the session killed when this process ends, however it ends."""
        self._sessions.add(session)
        self._tell(f"+{session}\n")

    def forget(self, session: int) -> None:
        """The session is over."""
        self._sessions.discard(session)
        self._tell(f"-{session}\n")

    def remove_last(self, folder: Path) -> None:
        """Have a folder removed after the last session was killed."""
        self._folders.append(folder.absolute())
        self._tell(f"/{folder.absolute()}\n")

    def keep_alive(self) -> None:
        """Replace a warden that somebody killed."""
        if self._warden.poll() is None:
            return
        self._hang_up()
        self._warden = _start_warden()
        for session in self._sessions:
            self._tell(f"+{session}\n")
        for folder in self._folders:
            self._tell(f"/{folder}\n")

    def dismiss(self) -> None:
        """End the warden; it kills what it still watches."""
        self._hang_up()
        self._warden.wait(LAST_WAIT)

    def _tell(self, line: str) -> None:
        if self._warden.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # keep_alive tells it to the next one
                self._warden.stdin.write(line.encode())

    def _hang_up(self) -> None:
        if self._warden.stdin is not None:
            self._warden.stdin.close()


def _start_warden() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own file, no shell
        [sys.executable, "-I", "-S", str(WARDEN)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
        cwd="/",
    )
