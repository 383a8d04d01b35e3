"""Finds the files that the main file includes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from glob import iglob
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from hookrouter.config.yaml_text import MOST_BYTES
from hookrouter.wire.config.faults import Fault

SECTION = "include"

MOST_FILES = 100
"""Each is read every second by every process, to see whether it was edited."""

MOST_BYTES_IN_ALL = 4 * MOST_BYTES
"""Of all included files together."""

_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludedFile:
    """A file as it was found."""

    path: Path
    content: bytes = field(repr=False)


class _Unfit(Exception):  # noqa: N818 - it reads as what happened
    """A file cannot be included; the text says why."""


@dataclass(slots=True)
class Inclusion:
    """Reads what a main file includes, in the order in which it says so.

    Attributes:
        faults: each at the entry that names what is wrong.
    """

    main: Path
    files: list[IncludedFile] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _seen: dict[Path, str] = field(default_factory=dict)

    def include(self, number: int, entry: str) -> None:
        """Take the files of one entry."""
        try:
            self._take_all(entry)
        except _Unfit as reason:
            self.faults.append(Fault(path=(SECTION, number), message=str(reason)))

    def _take_all(self, entry: str) -> None:
        if "**" in entry:
            raise _Unfit("`**` is not known here: name each folder, as in routes/*.yaml and routes/*/*.yaml")
        if entry.endswith("/"):
            raise _Unfit(f"`{entry}` names a folder: name files in it, as in {entry}*.yaml")
        if "\0" in entry:
            raise _Unfit("this is no path of a file")
        is_pattern = _PATTERN.search(entry) is not None
        paths = list(islice(paths_of(self.main, entry), MOST_FILES + 1))
        if is_pattern and not any(map(self._may_be_included, paths)):
            raise _Unfit(f"no file fits the pattern `{entry}` in {self.main.parent.resolve()}")
        for path in sorted(paths):
            if not is_pattern or self._may_be_included(path):
                self._take(path, entry)

    def _may_be_included(self, path: Path) -> bool:
        """Whether a pattern means it: not the main file itself, and no folder."""
        return not path.is_dir() and path.resolve() != self.main.resolve()

    def _take(self, path: Path, entry: str) -> None:
        if len(self.files) >= MOST_FILES:
            raise _Unfit(f"more than {MOST_FILES} files are included")
        content = _content(path)
        place = path.resolve()
        if place == self.main.resolve():
            raise _Unfit(f"`{path}` is the main file itself")
        if place in self._seen:
            raise _Unfit(f"`{path}` is included already, by `{self._seen[place]}`")
        self._seen[place] = entry
        self.files.append(IncludedFile(path=path, content=content))
        if sum(len(file.content) for file in self.files) > MOST_BYTES_IN_ALL:
            raise _Unfit(f"the included files have more than {MOST_BYTES_IN_ALL // MOST_BYTES} MiB together")


def paths_of(main: Path, entry: str) -> Iterator[Path]:
    """What an entry names by now: the files of a pattern, or the one that it says; hidden files fit no pattern."""
    if _PATTERN.search(entry) is None:
        yield main.parent / entry
        return
    # pathlib's own would find hidden files, and with them the folders that Kubernetes keeps a mounted ConfigMap in.
    yield from (main.parent / name for name in iglob(entry, root_dir=main.parent))  # noqa: PTH207


def included_now(main: Path, entries: Sequence[str]) -> list[Path]:
    """All that these entries name by now, in no way read or judged."""
    return sorted({path for entry in entries for path in islice(paths_of(main, entry), MOST_FILES + 1)})


def _content(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if S_ISDIR(mode):
            raise _Unfit(f"`{path}` is a folder: name files in it, as in {path.name}/*.yaml")
        if not S_ISREG(mode):
            raise _Unfit(f"`{path}` is no plain file")
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _Unfit(f"there is no file `{path}`") from None
    except OSError as error:
        raise _Unfit(f"`{path}` cannot be read: {error.strerror}") from None
