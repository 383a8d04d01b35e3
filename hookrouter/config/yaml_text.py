"""YAML as YAML 1.2 means it: text stays text, and every value knows its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

import yaml

from hookrouter.config.findings import START, FileFaults, Finding, Position
from hookrouter.config.yaml_scalars import has_half_character, plain_value
from hookrouter.config.yaml_syntax import explain_syntax
from hookrouter.wire.config.faults import Path

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 20
MOST_FAULTS = 50

_UNSEEN_NAMES = {
    "\x85": 'U+0085: press Enter for a new line, or write "\\N" within double quotes',
    "\u2028": 'U+2028: press Enter for a new line, or write "\\L" within double quotes',
    "\u2029": 'U+2029: press Enter for a new line, or write "\\P" within double quotes',
    "\ufeff": "U+FEFF: remove it",
}
"""Word processors leave them; YAML 1.1 begins a new line at the first three, even in a comment, YAML 1.2 does not."""

_UNSEEN = re.compile(f"[{''.join(_UNSEEN_NAMES)}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's content as maps with text keys, lists, texts, numbers, booleans and None."""

    file: str
    value: object = field(repr=False)
    positions: Mapping[Path, Position]
    key_positions: Mapping[Path, Position]
    text: str = field(default="", repr=False)

    def locate(self, path: Path, *, at_key: bool = False) -> Position:
        """Where the value (or its key) stands, or else the nearest thing that holds it."""
        if not at_key and path in self.positions:
            return self.positions[path]
        for length in range(len(path), -1, -1):
            for places in (self.key_positions, self.positions):
                if path[:length] in places:
                    return places[path[:length]]
        return START


def read_yaml(file: str, content: bytes) -> Document:
    """Read a whole file.

    Raises:
        FileFaults: when it is no plain YAML: too large, not UTF-8, broken, with anchors, tags or repeated keys.
    """
    text = _decode(file, content)
    builder = _read_fast(file, text) or _read_well(file, text)
    if builder.findings:
        raise FileFaults(builder.findings)
    return Document(
        file=file,
        value=builder.root,
        positions=builder.positions,
        key_positions=builder.key_positions,
        text=text,
    )


def _read_fast(file: str, text: str) -> _Builder | None:
    """Read by libyaml, ten times as fast; None where it is not there, or refuses the text: its words say little.

    It takes tabs for part of a text, as YAML 1.2 does, where nobody sees them: those are left to the other reader.
    """
    if not yaml.__with_libyaml__ or "\t" in text:
        return None
    builder = _Builder(file)
    try:
        builder.take_all(yaml.parse(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError, OverflowError):
        return None
    return builder


def _read_well(file: str, text: str) -> _Builder:
    builder = _Builder(file)
    try:
        builder.take_all(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        line, column, message = explain_syntax(error, text)
        builder.fault(Position(line, column), message)
    except (ValueError, OverflowError):  # the library's own, for `"\U99999999"`
        builder.fault(builder.last, "a character is written by a number that no character has")
    return builder


class _Hopeless(Exception):  # noqa: N818 - it reads as what happened
    """Reading on would only repeat the fault already noted."""


@dataclass(slots=True)
class _Open:
    """A map or list that is being read, with the key that waits for its value."""

    container: dict[str, object] | list[object]
    path: Path
    key: str | None = None

    def child_path(self) -> Path:
        return (*self.path, self.key if self.key is not None else len(self.container))

    def put(self, value: object) -> None:
        if isinstance(self.container, list):
            self.container.append(value)
        elif self.key is not None:
            self.container[self.key] = value
            self.key = None


@dataclass(slots=True)
class _Builder:
    """Builds the values from the parser's events, without recursion."""

    file: str
    root: object = None
    last: Position = START
    documents: int = 0
    open: list[_Open] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    positions: dict[Path, Position] = field(default_factory=dict)
    key_positions: dict[Path, Position] = field(default_factory=dict)

    def fault(self, position: Position, message: str) -> None:
        self.findings.append(Finding(file=self.file, position=position, message=message))

    def take_all(self, events: Iterable[yaml.Event]) -> None:
        try:
            for event in events:
                self.take(event)
        except _Hopeless:
            pass

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            return
        if len(self.findings) >= MOST_FAULTS:
            raise _Hopeless
        if event.start_mark is not None:
            self.last = Position(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.NodeEvent):
            self._refuse_cleverness(event)
            self._take_node(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)

    def _refuse_cleverness(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.fault(self.last, "aliases (`*name`) are not allowed: write the value out")
            return
        if event.anchor is not None:
            self.fault(self.last, "anchors (`&name`) are not allowed: write the value out where it is needed")
        if event.tag is not None:  # type: ignore[attr-defined]  # all nodes but aliases have one
            self.fault(self.last, "tags (`!name`) are not allowed: a text that begins with ! needs quotes")

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self.fault(self.last, "a second document begins here: a configuration is one document")
            raise _Hopeless
        if event.tags:
            self.fault(self.last, "tags (`%TAG`) are not allowed")

    def _take_node(self, event: yaml.NodeEvent) -> None:
        holder = self.open[-1] if self.open else None
        if holder is not None and isinstance(holder.container, dict) and holder.key is None:
            self._take_key(holder, event)
            return
        path = holder.child_path() if holder is not None else ()
        self.positions[path] = self.last
        value: object = None
        if isinstance(event, yaml.ScalarEvent):
            value = plain_value(event)
            self._refuse_half_characters(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            value = self._open_collection(event, path)
        if holder is not None:
            holder.put(value)
        else:
            self.root = value

    def _open_collection(self, event: yaml.CollectionStartEvent, path: Path) -> object:
        if len(self.open) >= MOST_DEPTH:
            self.fault(self.last, f"more than {MOST_DEPTH} levels deep")
            raise _Hopeless
        container: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_Open(container, path))
        return container

    def _take_key(self, holder: _Open, event: yaml.NodeEvent) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self.fault(
                self.last, "a key must be a text; a value that begins with { or [, such as {{ … }}, needs quotes"
            )
            raise _Hopeless
        self._refuse_half_characters(event)
        if not event.value:
            self.fault(self.last, "a key is missing before `:`")
        path = (*holder.path, event.value)
        first = self.key_positions.get(path)
        if first is not None:
            self.fault(self.last, f"`{event.value}` stands twice in this map, first on line {first.line}")
            self._forget_below(path)
        self.key_positions.setdefault(path, self.last)
        holder.key = event.value

    def _forget_below(self, path: Path) -> None:
        """So that a repeated map is told once, not again for each of its keys."""
        for known in list(self.key_positions):
            if len(known) > len(path) and known[: len(path)] == path:
                del self.key_positions[known]

    def _refuse_half_characters(self, event: yaml.ScalarEvent) -> None:
        if has_half_character(event.value):
            self.fault(self.last, "half a character (a surrogate) is written here: write the character itself")
            raise _Hopeless


def _decode(file: str, content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileFaults([Finding(file=file, position=START, message="the file is larger than 1 MiB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _end_of(content[: error.start].decode("utf-8-sig", errors="replace"))
        message = "the file is not UTF-8 from here on: save it as UTF-8"
        raise FileFaults([Finding(file=file, position=place, message=message)]) from None
    unseen = [
        Finding(
            file=file,
            position=_end_of(text[: found.start()]),
            message=f"an invisible character stands here, {_UNSEEN_NAMES[found[0]]}",
        )
        for found in islice(_UNSEEN.finditer(text), MOST_FAULTS)
    ]
    if unseen:
        raise FileFaults(unseen)
    return text


def _end_of(text: str) -> Position:
    line_start = text.rfind("\n") + 1
    return Position(text.count("\n") + 1, len(text) - line_start + 1)
