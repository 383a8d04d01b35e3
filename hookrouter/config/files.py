"""Reads all files of a configuration, telling the faults of their text at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hookrouter.config.findings import START, FileFaults, Finding
from hookrouter.config.included import SECTION as INCLUDE
from hookrouter.config.included import IncludedFile, Inclusion
from hookrouter.config.secrets import mask_for, masked
from hookrouter.config.variables import Expansion, expand
from hookrouter.config.whole import Whole
from hookrouter.config.yaml_text import MOST_BYTES, Document, read_yaml

REVISION_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFiles:
    """A configuration as it is written.

    Attributes:
        whole: what its files say together.
        paths: of the files, the main one first.
        includes: the main file's `include`, with its variables filled in.
        revision: changes with every edit of any of them.
    """

    whole: Whole
    paths: tuple[Path, ...]
    includes: tuple[str, ...]
    revision: str


def read_files(path: Path, environment: Mapping[str, str]) -> ConfigFiles:
    """Read the main file and all that it includes.

    Raises:
        FileFaults: one of them cannot be read, or is no plain YAML.
    """
    content = _read_main(path)
    main = read_yaml(str(path), content)
    _refuse_empty(main)
    filled = _filled(main, environment)
    entries, mask = _entries(filled), mask_for(None, filled.filled)
    inclusion = Inclusion(path)
    for number, entry in entries.items():
        inclusion.include(number, entry)
    findings = [
        Finding(file=main.file, position=main.locate(fault.path), message=masked(fault.message, mask))
        for fault in inclusion.faults
    ]
    documents = [main]
    for file in inclusion.files:
        try:
            documents.append(read_yaml(str(file.path), file.content))
        except FileFaults as fault:
            findings += fault.findings
    if findings:
        raise FileFaults(findings)
    return ConfigFiles(
        whole=Whole(documents),
        paths=(path, *(file.path for file in inclusion.files)),
        includes=tuple(entries.values()),
        revision=_revision(path, content, inclusion.files),
    )


def _filled(main: Document, environment: Mapping[str, str]) -> Expansion:
    written = main.value.get(INCLUDE) if isinstance(main.value, dict) else None
    return expand(written, environment)


def _entries(filled: Expansion) -> dict[int, str]:
    """What the main file includes, by its place there; of what is no list of texts the schema tells."""
    unfilled = {fault.path for fault in filled.faults}
    entries = filled.value if isinstance(filled.value, list) else []
    return {
        number: entry
        for number, entry in enumerate(entries)
        if isinstance(entry, str) and entry and (number,) not in unfilled
    }


def _read_main(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        reason = "there is no such file (`hookrouter init` writes one)"
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
    raise FileFaults([Finding(file=str(path), position=START, message=reason)])


def _refuse_empty(document: Document) -> None:
    if document.value is None:
        reason = "the file is empty: it needs `version`, `receiver` and `routes` (`hookrouter init` writes an example)"
        raise FileFaults([Finding(file=document.file, position=START, message=reason)])


def _revision(main: Path, content: bytes, included: list[IncludedFile]) -> str:
    """The same wherever the files lie, as long as they lie alike."""
    whole = hashlib.sha256(content)
    for file in included:
        name = str(file.path.relative_to(main.parent)) if file.path.is_relative_to(main.parent) else str(file.path)
        whole.update(b"\0".join((b"", name.encode(errors="surrogateescape"), hashlib.sha256(file.content).digest())))
    return whole.hexdigest()[:REVISION_DIGITS]
