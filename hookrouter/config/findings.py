"""What is wrong or doubtful in the configuration file, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hookrouter.domain.errors import ConfigurationError
from hookrouter.wire.messages.plain_text import printable


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file, counted from 1."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The line of a finding as it may be shown, with how many columns of a terminal stand before the mark."""

    text: str
    mark: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One sentence on one place of the file; its text is `FILE:LINE:COLUMN: message`.

    Attributes:
        shows_line: the line of that place may be shown; not that of a file which is no configuration at all.
    """

    file: str
    position: Position
    message: str
    excerpt: Excerpt | None = field(default=None, compare=False)
    shows_line: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        return printable(f"{self.place}: {self.message}")

    @property
    def place(self) -> str:
        """Where it is found, as `FILE:LINE:COLUMN`."""
        return f"{self.file}:{self.position.line}:{self.position.column}"


class FileFaults(ConfigurationError):  # noqa: N818 - it carries all the faults of a file
    """The file cannot be used; the text has one line a fault, sorted by place."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(str(finding) for finding in self.findings))
