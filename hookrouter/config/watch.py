"""Watches the configuration's files while a process runs: a sound edit is adopted, a broken one refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hookrouter.config.included import included_now
from hookrouter.config.model import Config
from hookrouter.config.yaml_text import MOST_BYTES
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.process_events import ConfigAdopted, ConfigRefused
from hookrouter.ports.surroundings import Observer

LOOK_EVERY = 1.0
"""Seconds between looks; what was edited must be the same at two of them, for an editor may still be writing."""


@dataclass(slots=True, kw_only=True)
class ConfigWatch:
    """The watch of one process.

    Attributes:
        began_with: the configuration that the process began with: some of it is bound then.
        main: the file that names all others.
        read: reads it anew.
        role: of the process, to tell whose news it is.
        refused: why what stands in the files now is not in force; '' when it is.
    """

    began_with: Config
    main: Path
    read: Callable[[], Config]
    observer: Observer
    role: str
    refused: str = ""
    _glimpsed: str = field(default="", init=False)
    _judged: str = field(default="", init=False)

    def look(self, current: Config) -> Config | None:
        """The configuration to adopt instead of the current one; None as long as there is none."""
        seen = self._fingerprint(current)
        is_settled, self._glimpsed = seen == self._glimpsed, seen
        if not is_settled or (seen == self._judged and not self.refused):
            return None
        self._judged = seen
        found = self._read()
        if self._fingerprint(current) != seen:  # edited while it was read: what was read may be half of each
            self._judged = ""
            return None
        if isinstance(found, ConfigurationError):
            self._refuse(str(found), current)
            return None
        config = found
        was_refused, self.refused = bool(self.refused), ""
        if config.revision == current.revision:
            if was_refused:  # the edit was taken back: say that all is well again
                self.observer.report(ConfigAdopted(role=self.role, revision=config.revision, after_restart=()))
            return None
        fixed = tuple(_bound_at_start(self.began_with, config))
        self.observer.report(ConfigAdopted(role=self.role, revision=config.revision, after_restart=fixed))
        return config

    def _read(self) -> Config | ConfigurationError:
        try:
            return self.read()
        except ConfigurationError as fault:
            return fault

    def _refuse(self, text: str, current: Config) -> None:
        first, *others = text.splitlines()
        said = f"{first} (and {len(others)} more: `hookrouter check` tells them)" if others else first
        if said != self.refused:
            self.observer.report(ConfigRefused(role=self.role, revision=current.revision, text=said))
        self.refused = said

    def _fingerprint(self, config: Config) -> str:
        return fingerprint(self.main, config.files, config.includes)


def fingerprint(main: Path, files: Sequence[Path], includes: Sequence[str]) -> str:
    """Of what stands in the files, wherever symbolic links lead by now: Kubernetes swaps one for a whole folder.

    So is a file that fits a pattern by now, or does not any more.
    """
    whole = hashlib.sha256()
    for path in dict.fromkeys((main, *files, *included_now(main, includes))):
        whole.update(hashlib.sha256(bytes(path)).digest())
        whole.update(hashlib.sha256(_content(path)).digest())
    return whole.hexdigest()


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError:
        return b""


def _bound_at_start(before: Config, after: Config) -> Iterator[str]:
    """The changed keys that only a restart puts in force."""
    was, now = before.receiver, after.receiver
    if was.headers != now.headers:
        yield "receiver.limits.headers"
    if was.requests != now.requests:
        yield "receiver.limits.requests"
    if was.max_spool != now.max_spool:
        yield "receiver.max_spool"
