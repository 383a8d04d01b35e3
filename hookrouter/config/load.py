"""Reads the configuration file, telling all its faults at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from hookrouter.config.advice import advise_on_config, advise_on_text
from hookrouter.config.assembly import assemble
from hookrouter.config.findings import START, FileFaults, Finding
from hookrouter.config.model import Config
from hookrouter.config.routes_section import RouteReader
from hookrouter.config.secrets import mask_for, masked
from hookrouter.config.sinks_section import SinkReader
from hookrouter.config.variables import Expansion, expand
from hookrouter.config.yaml_text import MOST_BYTES, Document, read_yaml
from hookrouter.domain.hydration import ReadBack
from hookrouter.domain.lead import Json
from hookrouter.wire.config_schema import ConfigSchema
from hookrouter.wire.faults import Fault, Faults
from hookrouter.wire.match_names import NamedConditions
from hookrouter.wire.schema_faults import load_by
from hookrouter.wire.sink_schema import SinkSchema

REVISION_DIGITS = 12

SinkSchemas = Mapping[str, type[SinkSchema]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `check` tells of a file; `config` is None when there are faults."""

    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    config: Config | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What stands in the sections; `config` is None when there are faults."""

    config: Config | None
    faults: list[Fault]
    doubts: list[Fault]


def load_config(path: Path, environment: Mapping[str, str], sink_schemas: SinkSchemas) -> Config:
    """Read the file.

    Raises:
        FileFaults: (a ConfigurationError) with one line a fault, `FILE:LINE:COLUMN: message`.
    """
    report = check_config(path, environment, sink_schemas)
    if report.config is None:
        raise FileFaults(report.faults)
    return report.config


def check_config(
    path: Path, environment: Mapping[str, str], sink_schemas: SinkSchemas, *, looks_outside: bool = False
) -> Report:
    """Read the file and judge it; a faulty one is no error here.

    Args:
        path: of the file.
        environment: fills its variables.
        sink_schemas: by sink type.
        looks_outside: judge the files that it names, too.
    """
    try:
        content = _read_file(path)
        document = read_yaml(str(path), content)
        _refuse_empty(document)
    except FileFaults as error:
        return Report(faults=error.findings, warnings=(), config=None)
    expansion = expand(document.value, environment)
    found = _read_sections(expansion.value, _revision(content), sink_schemas, looks_outside=looks_outside)
    config = None if found.config is None else replace(found.config, files=(path,))
    return _report(document, expansion, replace(found, config=config))


def _report(document: Document, expansion: Expansion, found: _Found) -> Report:
    mask = mask_for(expansion.value, expansion.filled)
    unset = {fault.path for fault in expansion.faults}
    told = [*expansion.faults, *(fault for fault in found.faults if fault.path not in unset)]
    warnings = [*advise_on_text(document.value)]
    config = found.config
    if told or config is None:
        return Report(faults=_placed(told, document, mask), warnings=_placed(warnings, document, mask), config=None)
    warnings += [*found.doubts, *advise_on_config(config)]
    return Report(faults=(), warnings=_placed(warnings, document, mask), config=config)


def _read_sections(value: object, revision: str, sink_schemas: SinkSchemas, *, looks_outside: bool) -> _Found:
    faults: list[Fault] = []
    loaded: dict[str, Any] = {}
    try:
        loaded = load_by(ConfigSchema(), value)
    except Faults as found:
        faults += found.faults
    sections = value if isinstance(value, dict) else {}
    sinks = SinkReader(
        written=_section(sections, "sinks"),
        schemas=sink_schemas,
        has_smtp=sections.get("smtp") is not None,
        looks_outside=looks_outside,
    )
    sources = _section(_section(sections, "receiver"), "sources")
    has_crm = sections.get("crm") is not None
    conditions = NamedConditions(cast("Mapping[str, Json]", _section(sections, "conditions")))
    routes = RouteReader(sources=list(sources), conditions=conditions, sinks=sinks, has_crm=has_crm)
    sinks.read_all()
    conditions.read_all()
    routes.read_all(sections.get("routes"))
    routes.read_unmatched(sections.get("unmatched"))
    faults += [*_unprovable(sources, has_crm=has_crm), *sinks.faults, *conditions.faults, *routes.faults]
    if faults:
        return _Found(config=None, faults=faults, doubts=[])
    config = assemble(revision, loaded, sinks.sinks(), routes.routes(loaded["routes"], loaded.get("unmatched")))
    return _Found(config=config, faults=[], doubts=list(conditions.unused()))


def _unprovable(sources: Mapping[str, object], *, has_crm: bool) -> Iterable[Fault]:
    """Sources whose leads the CRM is to confirm, when there is none to ask."""
    for name, source in sources.items():
        if not has_crm and isinstance(source, dict) and source.get("read_back") == ReadBack.ALWAYS:
            text = "`read_back: always` asks the CRM: it needs the section `crm`"
            yield Fault(path=("receiver", "sources", name, "read_back"), message=text)


def _section(sections: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = sections.get(name)
    return section if isinstance(section, dict) else {}


def _placed(faults: Iterable[Fault], document: Document, mask: Mapping[str, str]) -> tuple[Finding, ...]:
    found = {
        Finding(
            file=document.file,
            position=document.locate(fault.path, at_key=fault.at_key),
            message=masked(" ".join(fault.message.split()), mask),
        )
        for fault in faults
    }
    return tuple(sorted(found))


def _read_file(path: Path) -> bytes:
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


def _revision(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:REVISION_DIGITS]
