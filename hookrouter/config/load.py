"""Reads the configuration file, telling all its faults at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, cast

from hookrouter.config.advice import advise_on_config, advise_on_text, advise_on_variables
from hookrouter.config.alerts_section import alert_faults
from hookrouter.config.assembly import assemble
from hookrouter.config.claim_faults import claim_faults
from hookrouter.config.defaults_section import SinkDefaults
from hookrouter.config.excerpt import with_excerpts
from hookrouter.config.field_doubts import FieldDoubts
from hookrouter.config.files import ConfigFiles, read_files
from hookrouter.config.findings import FileFaults, Finding
from hookrouter.config.model import Config, WrittenConfig
from hookrouter.config.report_section import read_report
from hookrouter.config.routes_section import RouteReader
from hookrouter.config.secrets import mask_for, masked
from hookrouter.config.sinks_section import SinkReader
from hookrouter.config.teams_section import TeamReader
from hookrouter.config.tests_section import SECTION as TESTS
from hookrouter.config.tests_section import RouteTestReader
from hookrouter.config.variables import Expansion, expand
from hookrouter.config.whole import Whole
from hookrouter.domain.field_names import NOT_ASKED, FieldNames
from hookrouter.domain.hydration import ReadBack
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Json
from hookrouter.domain.route_tests import RouteTest
from hookrouter.domain.routing import UNMATCHED
from hookrouter.domain.subscription import WhenToSubscribe
from hookrouter.wire.config.config_schema import ConfigSchema
from hookrouter.wire.config.faults import Fault, Faults
from hookrouter.wire.config.schema_faults import load_by
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.rules.names import NamedConditions
from hookrouter.wire.rules.times import NamedTimes

SinkSchemas = Mapping[str, type[SinkSchema]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `check` tells of a file; `config` is None when there are faults.

    Attributes:
        unjudged: names of fields that only the CRM could tell to be none.
    """

    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    config: Config | None
    unjudged: tuple[str, ...] = ()


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
    report = check_config(path, environment, sink_schemas, names=None)
    if report.config is None:
        raise FileFaults(report.faults)
    return report.config


def check_config(
    path: Path,
    environment: Mapping[str, str],
    sink_schemas: SinkSchemas,
    *,
    looks_outside: bool = False,
    names: FieldNames | None = NOT_ASKED,
) -> Report:
    """Read the file and judge it; a faulty one is no error here.

    Args:
        path: of the file.
        environment: fills its variables.
        sink_schemas: by sink type.
        looks_outside: judge the files that it names, too.
        names: by which those of fields are judged; None for one who wants no warnings.
    """
    try:
        files = read_files(path, environment)
    except FileFaults as error:
        return Report(faults=with_excerpts(error.findings, {}), warnings=(), config=None)
    expansion = expand(files.whole.value, environment)
    found = _read_sections(expansion.value, files, sink_schemas, looks_outside=looks_outside)
    return _report(files.whole, expansion, found, names)


def _report(whole: Whole, expansion: Expansion, found: _Found, names: FieldNames | None) -> Report:
    mask = mask_for(expansion.value, expansion.filled)
    unset = {fault.path for fault in expansion.faults}
    told = [*expansion.faults, *(fault for fault in found.faults if fault.path not in unset)]
    warnings = [*advise_on_text(whole.value)]
    config = None if found.config is None else replace(found.config, written=_written(found.config, whole, mask))
    if told or whole.findings or config is None:
        faults = sorted({*whole.findings, *_placed(told, whole, mask)})
        return _shown(Report(faults=tuple(faults), warnings=_placed(warnings, whole, mask), config=None), mask)
    if names is None:
        return Report(faults=(), warnings=(), config=config)
    fields = FieldDoubts(cast("Mapping[str, object]", expansion.value), names)
    fields.look_at(config)
    warnings += [*found.doubts, *advise_on_config(config), *advise_on_variables(expansion.defaulted), *fields.found]
    unjudged = tuple(fields.unjudged)
    told_of = Report(faults=(), warnings=_placed(warnings, whole, mask), config=config, unjudged=unjudged)
    return _shown(told_of, mask)


def _written(config: Config, whole: Whole, mask: Mapping[str, str]) -> WrittenConfig:
    """What is to be shown of it to those who ask what is in force."""
    routes: dict[RouteName, tuple[str, int]] = {}
    for number, route in enumerate(config.routes):
        path = (UNMATCHED,) if route.for_unmatched else ("routes", number)
        file, position = whole.locate(path, at_key=route.for_unmatched)
        routes[route.name] = (file, position.line)
    return WrittenConfig(files={each.file: each.text for each in whole.documents}, routes=routes, mask=mask)


def _shown(report: Report, mask: Mapping[str, str]) -> Report:
    faults, warnings = with_excerpts(report.faults, mask), with_excerpts(report.warnings, mask)
    return replace(report, faults=faults, warnings=warnings)


def _read_sections(value: object, files: ConfigFiles, sink_schemas: SinkSchemas, *, looks_outside: bool) -> _Found:
    loaded, faults = _loaded(value)
    sections = value if isinstance(value, dict) else {}
    defaults = SinkDefaults(_section(sections, "defaults"), sink_schemas)
    sinks = SinkReader(
        written=_section(sections, "sinks"),
        schemas=sink_schemas,
        defaults=defaults,
        sections=[name for name, section in sections.items() if section is not None],
        looks_outside=looks_outside,
    )
    sources = _section(_section(sections, "receiver"), "sources")
    has_crm = sections.get("crm") is not None
    conditions = NamedConditions(cast("Mapping[str, Json]", _section(sections, "conditions")), _zone(loaded))
    times = NamedTimes(cast("Mapping[str, Json]", _section(sections, "times")))
    where = _telling_where(files.whole, "route")
    written_teams = _section(sections, "teams")
    teams = TeamReader(written_teams, times, sinks=list(sinks.written))
    routes = RouteReader(list(sources), list(written_teams), conditions, times, sinks, has_crm=has_crm, where=where)
    tests = _read_tests(sections, files.whole)
    defaults.read_all()
    sinks.read_all()
    conditions.read_all()
    times.read_all()
    teams.read_all()
    routes.read_all(sections.get("routes"))
    routes.read_unmatched(sections.get("unmatched"))
    report = read_report(_section(sections, "report"), sinks.written, sink_schemas, times, sinks.fallbacks)
    faults += [*_unprovable(sources, has_crm=has_crm), *_of_nobody(sections, sources)]
    faults += [*claim_faults(sections), *alert_faults(sections, sinks.written, sink_schemas, sinks.fallbacks)]
    for part in (defaults, sinks, report, conditions, times, teams, routes, tests):
        faults += part.faults
    if faults:
        return _Found(config=None, faults=faults, doubts=[])
    all_routes = routes.routes(loaded["routes"], loaded.get("unmatched"))
    config = assemble(files.revision, loaded, sinks.sinks(), all_routes, report.report(loaded.get("report")))
    located = _located(tests.tests(loaded.get(TESTS, ())), files.whole)
    all_teams = teams.teams(loaded.get("teams", {}), all_routes)
    config = replace(config, files=files.paths, includes=files.includes, tests=located, teams=all_teams)
    return _Found(config=config, faults=[], doubts=[*defaults.unused(), *conditions.unused(), *times.unused()])


def _loaded(value: object) -> tuple[dict[str, Any], list[Fault]]:
    """What the schema makes of it all, and what it finds wrong."""
    try:
        return load_by(ConfigSchema(), value), []
    except Faults as found:
        return {}, list(found.faults)


def _zone(loaded: Mapping[str, Any]) -> tzinfo:
    """In which a time without a zone is meant: the one that the account's people see theirs in."""
    zone: tzinfo = loaded.get("crm", {}).get("timezone", UTC)
    return zone


def _telling_where(whole: Whole, what: str) -> Callable[[int], str]:
    """Says of a route or a test by its number where it stands."""
    if len(whole.documents) == 1:
        return lambda number: f"{what} {number + 1} of the list"

    def told(number: int) -> str:
        file, position = whole.locate((f"{what}s", number))
        return f"the {what} in {file}:{position.line}"

    return told


def _unprovable(sources: Mapping[str, object], *, has_crm: bool) -> Iterable[Fault]:
    """Sources whose leads the CRM is to confirm, when there is none to ask."""
    for name, source in sources.items():
        if not has_crm and isinstance(source, dict) and source.get("read_back") == ReadBack.ALWAYS:
            text = "`read_back: always` asks the CRM: it needs the section `crm`"
            yield Fault(path=("receiver", "sources", name, "read_back"), message=text)


def _of_nobody(sections: Mapping[str, object], sources: Mapping[str, object]) -> Iterable[Fault]:
    """What concerns the pushes of one source, and leaves open of which."""
    crm, names = _section(sections, "crm"), ", ".join(map(str, sources))
    told = {key: _section(crm, key).get("source") for key in ("canary", "reconcile") if isinstance(crm.get(key), dict)}
    for key, source in told.items() if sources else ():
        if source is None and len(sources) > 1:
            text = f"say which source's pushes come from this account, as in `source: {next(iter(sources))}`"
            yield Fault(path=("crm", key), message=text, at_key=True)
        elif source is not None and source not in sources:
            yield Fault(path=("crm", key, "source"), message=f"there is no source {source}; there are {names}")
    if crm.get("subscribe") == WhenToSubscribe.ON_START:
        if not told and len(sources) > 1:
            text = "which of the sources? it is that which `canary` or `reconcile` names as its `source`"
            yield Fault(path=("crm", "subscribe"), message=text)
        if sources and "public_url" not in _section(sections, "receiver"):
            text = "say in receiver.public_url where the CRM reaches this service"
            yield Fault(path=("crm", "subscribe"), message=text)


def _section(sections: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = sections.get(name)
    return section if isinstance(section, dict) else {}


def _read_tests(sections: Mapping[str, object], whole: Whole) -> RouteTestReader:
    """The tests, with the names of all that they may name: also of what takes the leads that no route takes."""
    routes = sections.get("routes")
    named = [route.get("name") for route in (routes if isinstance(routes, list) else ()) if isinstance(route, dict)]
    names = [str(name) for name in named if isinstance(name, (str, int))]
    tests = RouteTestReader(
        sources=list(_section(_section(sections, "receiver"), "sources")),
        sinks=list(_section(sections, "sinks")),
        routes=[*names, UNMATCHED] if "unmatched" in sections else names,
        where=_telling_where(whole, "test"),
    )
    tests.read_all(sections.get(TESTS))
    return tests


def _located(tests: Iterable[RouteTest], whole: Whole) -> tuple[RouteTest, ...]:
    """The tests with the places where they stand."""
    places = ((test, *whole.locate((TESTS, number))) for number, test in enumerate(tests))
    return tuple(replace(test, where=f"{file}:{position.line}") for test, file, position in places)


def _placed(faults: Iterable[Fault], whole: Whole, mask: Mapping[str, str]) -> tuple[Finding, ...]:
    found: set[Finding] = set()
    is_configuration = isinstance(whole.value, dict)
    for fault in faults:
        file, position = whole.locate(fault.path, at_key=fault.at_key)
        message = masked(" ".join(fault.message.split()), mask)
        found.add(Finding(file=file, position=position, message=message, shows_line=is_configuration))
    return tuple(sorted(found))
