"""Reads the weekly report, with all that ties it to sinks and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from hookrouter.config.model import ReportConfig
from hookrouter.config.notice_sinks import NoticeSinks
from hookrouter.domain.ids import SinkName
from hookrouter.domain.weekly import Weekly
from hookrouter.wire.config.faults import Fault, Faults, Path
from hookrouter.wire.config.sink_schema import SinkSchema
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
        judge = NoticeSinks(
            written=self.sinks,
            schemas=self.schemas,
            fallbacks=self.fallbacks,
            section=SECTION,
            carries=lambda schema: schema.carries_reports,
            nothing="no report",
        )
        self.faults += judge.faults(self.written.get("to"))
        zone = self.written.get("timezone")
        if isinstance(zone, str) and zone:
            self._read_zone(zone, (SECTION, "timezone"))

    def report(self, loaded: Mapping[str, Any] | None) -> ReportConfig | None:
        """The report as its schema loaded it."""
        if loaded is None:
            return None
        day, at = loaded["every"]
        return ReportConfig(to=tuple(map(SinkName, loaded["to"])), rule=Weekly(day=day, at=at, zone=self._zone))

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
