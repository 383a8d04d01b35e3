"""Reads the weekly report, with all that ties it to sinks and times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.config.model import ReportConfig
from hookrouter.domain.ids import SinkName
from hookrouter.domain.weekly import Weekly
from hookrouter.wire.config.faults import Fault, Faults, Path, known_names
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.config.strict_fields import is_name
from hookrouter.wire.config.timezones import read_zone
from hookrouter.wire.rules.times import NamedTimes
from hookrouter.wire.rules.values import Place

SECTION = "report"
USUAL_ZONE = ZoneInfo("UTC")


def read_report(
    written: Mapping[str, object],
    sinks: Mapping[str, object],
    schemas: Mapping[str, type[SinkSchema]],
    times: NamedTimes,
    fallbacks: Mapping[str, str],
) -> ReportReader:
    """Judge the report as it is written; the times must have been read, and which sinks stand in for others."""
    reader = ReportReader(written, sinks, schemas, times, fallbacks)
    reader.read()
    return reader


@dataclass(slots=True)
class ReportReader:
    """The report as it is written; all faults are found at once."""

    written: Mapping[str, object]
    sinks: Mapping[str, object]
    schemas: Mapping[str, type[SinkSchema]]
    times: NamedTimes
    fallbacks: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    _zone: ZoneInfo = USUAL_ZONE

    def read(self) -> None:
        """Judge the sinks and the timezone."""
        to = self.written.get("to")
        for place, name in enumerate(to if isinstance(to, list) else ()):
            if isinstance(name, (str, int)) and is_name(str(name)):  # else the schema tells it
                self._check_sink(str(name), to[:place] if isinstance(to, list) else (), (SECTION, "to", place))
        zone = self.written.get("timezone")
        if isinstance(zone, str) and zone:
            self._read_zone(zone, (SECTION, "timezone"))

    def report(self, loaded: Mapping[str, Any] | None) -> ReportConfig | None:
        """The report as its schema loaded it."""
        if loaded is None:
            return None
        day, at = loaded["every"]
        return ReportConfig(to=tuple(map(SinkName, loaded["to"])), rule=Weekly(day=day, at=at, zone=self._zone))

    def _check_sink(self, name: str, earlier: Sequence[object], path: Path) -> None:
        options = self.sinks.get(name)
        if name not in self.sinks:
            known = known_names(name, sorted(self.sinks)) if self.sinks else ": the section `sinks` names none"
            self._fault(path, f"there is no sink `{name}`{known}")
        elif name in earlier:
            self._fault(path, f"the sink `{name}` stands twice here")
        elif (kind := _type(options)) is not None and not self._carries(kind):
            self._fault(path, f"a sink of the type {kind} carries no report: those that do are {self._carriers}")
        else:
            self._check_fallbacks(name, path)

    def _check_fallbacks(self, name: str, path: Path) -> None:
        """Whoever stands in for a sink must carry the report as well."""
        passed = {name}
        while (name := self.fallbacks.get(name, name)) not in passed:
            passed.add(name)
            kind = _type(self.sinks.get(name))
            if kind is not None and not self._carries(kind):
                text = f"its fallback `{name}`, a sink of the type {kind}, carries no report"
                self._fault(path, f"{text}: those that do are {self._carriers}")
                return

    @property
    def _carriers(self) -> str:
        return ", ".join(sorted(kind for kind in self.schemas if self._carries(kind)))

    def _carries(self, kind: object) -> bool:
        schema = self.schemas.get(kind) if isinstance(kind, str) else None
        return schema is None or schema.carries_reports  # what is no type is told at the sink

    def _read_zone(self, written: str, path: Path) -> None:
        if written in self.times.written:
            try:
                found = self.times.find(written, Place(path=path))
            except Faults as faults:
                self.faults += faults.faults
            else:
                self._zone = self._zone if found is None else found.time.timezone
            return
        try:
            self._zone = read_zone(written)
        except ValueError as fault:
            self._fault(path, str(fault))

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append(Fault(path=path, message=message))


def _type(options: object) -> object:
    """The type of a sink as it is written; None of one that has none, which is told there."""
    return options.get("type") if isinstance(options, dict) else None
