"""The main file and those that it includes as one, in which each place is known by its own file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hookrouter.config.findings import START, Finding, Position
from hookrouter.config.included import SECTION as INCLUDE
from hookrouter.config.yaml_text import Document
from hookrouter.wire.config.config_schema import MAPS, MAY_BE_INCLUDED, ConfigSchema
from hookrouter.wire.config.faults import Path
from hookrouter.wire.config.known_words import unknown_key

MAIN_ONLY = frozenset(ConfigSchema().fields) - {*MAY_BE_INCLUDED, INCLUDE}

Origin = tuple[Document, Path]


@dataclass(slots=True)
class Whole:
    """The documents, the main one first, with the value that they make together.

    Attributes:
        findings: what an included file may not say, or what was said before.
    """

    documents: Sequence[Document]
    value: object = field(init=False, repr=False)
    findings: list[Finding] = field(default_factory=list)
    _origins: dict[Path, Origin] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Join them."""
        main, *included = self.documents
        self.value = main.value
        if isinstance(main.value, dict) and included:
            self.value = joined = {section: _copied(part) for section, part in main.value.items()}
            for document in included:
                self._join(joined, document)

    def locate(self, path: Path, *, at_key: bool = False) -> tuple[str, Position]:
        """In which file the value (or its key) stands, and where."""
        origin = self._origins.get(path[:2]) or self._origins.get(path[:1])
        if origin is None:
            document, own = self.documents[0], path
        else:
            document, start = origin
            own = (*start, *path[len(start) :])
        return document.file, document.locate(own, at_key=at_key)

    def _join(self, joined: dict[str, object], document: Document) -> None:
        written = document.value
        if written is None:
            return  # all of it is commented out
        if not isinstance(written, dict):
            text = "a map is needed here, lines of `key: value`"
            self.findings.append(Finding(file=document.file, position=START, message=text, shows_line=False))
            return
        for section, part in written.items():
            if section not in MAY_BE_INCLUDED:
                self._find(document, (section,), self._foreign(section), at_key=True)
            elif section in MAPS:
                self._join_map(joined, document, section, part)
            else:
                self._join_list(joined, document, section, part)

    def _join_map(self, joined: dict[str, object], document: Document, section: str, part: object) -> None:
        if not isinstance(part, dict):
            self._find(document, (section,), "a map is needed here, lines of `key: value`")
            return
        known = self._begun(joined, document, section, {})
        if not isinstance(known, dict):
            return  # the main file's is no map, which its schema tells
        for name, value in part.items():
            if name in known:
                file, position = self.locate((section, name), at_key=True)
                text = f"the name `{name}` is taken in `{section}` already, in {file}:{position.line}"
                self._find(document, (section, name), text, at_key=True)
            else:
                known[name] = value
                self._origins[section, name] = (document, (section, name))

    def _join_list(self, joined: dict[str, object], document: Document, section: str, part: object) -> None:
        if not isinstance(part, list):
            self._find(document, (section,), "a list is needed here, such as [a, b]")
            return
        known = self._begun(joined, document, section, [])
        if not isinstance(known, list):
            return  # likewise
        for number, value in enumerate(part):
            self._origins[section, len(known)] = (document, (section, number))
            known.append(value)

    def _begun(self, joined: dict[str, object], document: Document, section: str, nothing: object) -> object:
        """The section to go on with."""
        if section not in joined:
            self._origins[section,] = (document, (section,))
            joined[section] = nothing
        return joined[section]

    def _foreign(self, section: str) -> str:
        if section == INCLUDE:
            return "an included file includes no others: name them in the main file"
        if section in MAIN_ONLY:
            return f"`{section}` stands in the main file ({self.documents[0].file}) alone"
        return unknown_key(section, MAY_BE_INCLUDED)

    def _find(self, document: Document, path: Path, message: str, *, at_key: bool = False) -> None:
        position = document.locate(path, at_key=at_key)
        self.findings.append(Finding(file=document.file, position=position, message=message))


def _copied(part: object) -> object:
    """What others may be joined to, so that the document itself stays as it is."""
    match part:
        case dict():
            return dict(part)
        case list():
            return list(part)
        case _:
            return part
