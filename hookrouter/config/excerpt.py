"""Shows the line that a finding is about, with a mark below its column and without what is secret."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hookrouter.config.findings import Excerpt, Finding
from hookrouter.config.line_secrets import Span, comment_of, secrets_in
from hookrouter.config.yaml_text import MOST_BYTES

WIDEST = 100
"""Columns of a terminal that a line may take; of a longer one what stands around the mark is shown."""

BEFORE = 60
"""How many of them stand before the mark, where a line is cut."""

CUT = "…"
_BREAKS = re.compile(r"\r\n|\n|\r")


def with_excerpts(findings: Iterable[Finding], mask: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings, each with its line as the file has it now."""
    texts: dict[str, Sequence[str]] = {}
    found = []
    for finding in findings:
        if finding.file not in texts:
            texts[finding.file] = _lines_of(finding.file)
        shown = excerpt(texts[finding.file], finding, mask) if finding.shows_line else None
        found.append(replace(finding, excerpt=shown))
    return tuple(found)


def excerpt(lines: Sequence[str], finding: Finding, mask: Mapping[str, str]) -> Excerpt | None:
    """The line of a finding; None when the file has no such line, or nothing in it."""
    number = finding.position.line - 1
    if number >= len(lines) or not lines[number].strip():
        return None
    line = lines[number]
    code = comment_of(line)
    spans = [span for span in secrets_in(lines, number, mask) if span[0] < code]
    if code < len(line):
        spans = [*((start, min(stop, code), instead) for start, stop, instead in spans), (code, len(line), "")]
    text, column = _hidden(line, finding.position.column - 1, spans)
    text = "".join(character if character.isprintable() else " " for character in text.rstrip())
    return _cut(text, min(column, len(text)))


def _lines_of(file: str) -> Sequence[str]:
    try:
        if not Path(file).is_file():  # a pipe was read to its end, and would be waited for
            return ()
        with Path(file).open("rb") as stream:
            return _BREAKS.split(stream.read(MOST_BYTES).decode("utf-8-sig", errors="replace"))
    except OSError:
        return ()


def _hidden(line: str, column: int, spans: Sequence[Span]) -> tuple[str, int]:
    """The line with what is shown instead of each span, and the column as it is then."""
    pieces: list[str] = []
    end, moved = 0, 0
    for start, stop, instead in spans:
        pieces += [line[end:start], instead]
        end = stop
        if column >= stop:
            moved += len(instead) - (stop - start)
        elif column > start:
            column = start
    return "".join([*pieces, line[end:]]), column + moved


def narrowed(excerpt: Excerpt, widest: int) -> Excerpt:
    """The excerpt for a narrower terminal, so that the mark stays below its column."""
    column = next(end for end in range(len(excerpt.text) + 1) if width(excerpt.text[:end]) >= excerpt.mark)
    return _cut(excerpt.text, column, widest)


def _cut(text: str, column: int, widest: int = WIDEST) -> Excerpt:
    if width(text) > widest:
        start, taken = column, 0
        while start and (more := taken + _width_of(text[start - 1])) <= widest * BEFORE // WIDEST:
            start, taken = start - 1, more
        room = widest - 2 * width(CUT)
        end = column
        while end < len(text) and (more := taken + _width_of(text[end])) <= room:
            end, taken = end + 1, more
        head, tail = CUT if start else "", CUT if end < len(text) else ""
        text, column = f"{head}{text[start:end]}{tail}", column - start + len(head)
    return Excerpt(text=text, mark=width(text[:column]))


def width(text: str) -> int:
    """The columns that a text takes on a terminal: two for a character of East Asia, none for one that joins."""
    return len(text) if text.isascii() else sum(_width_of(character) for character in text)


def _width_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
