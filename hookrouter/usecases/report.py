"""Report: make the report of some days, and send that of a week when it is due, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.report import BY_NO_ROUTE, Report
from hookrouter.domain.reporting import report_of
from hookrouter.domain.routing import Objective
from hookrouter.domain.weekly import Span, Weekly
from hookrouter.ports.report import Figures, Reported, noted
from hookrouter.ports.stages import Stage, Wake

ROUTE = BY_NO_ROUTE
NOBODY = LeadKey("weekly-report")
SOURCE = SourceName("weekly-report")
"""A report comes by no route, of no lead and from no source; these names stand for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeReport:
    """Makes reports of the figures that are kept; `names` are those of people, by their ids in the CRM."""

    figures: Figures
    objectives: Mapping[RouteName, Objective]
    names: Mapping[str, str]

    def of(self, span: Span, *, kept_since: date = date.min) -> Report:
        """The report of some days; compared with nothing, if figures of the days before are kept no more."""
        before = span.before.days if span.before.first >= kept_since else ()
        return report_of(self.figures.of((*before, *span.days)), span, self.objectives, self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """Sends the report of the week before to its sinks, by a rule that says when."""

    rule: Weekly
    to: Sequence[SinkName]
    make: MakeReport
    reported: Reported
    wake: Wake
    revision: str = ""

    def run(self, now: datetime) -> bool:
        """Send what is due; whether something was.

        The first moment that is met, and the first by another rule, is noted and nothing is sent for it: whoever
        writes the rule on a Wednesday wants no report of the week before. After a time without anybody who sends, the
        last report goes out, and none of those before.
        """
        due = self.rule.last_due(now)
        was, this = self.reported.last(), noted(due, self.rule.label)
        if was == this:
            return False
        if was.partition(" ")[2] != self.rule.label:
            self.reported.send(was, this, ())
            return False
        report = self.make.of(self.rule.reported(due))
        sent = self.reported.send(was, this, [self._delivery(report, sink, due) for sink in self.to])
        if sent:
            self.wake.ring(Stage.DELIVER)
        return sent

    def _delivery(self, report: Report, sink: SinkName, due: datetime) -> Delivery:
        return Delivery(
            id=DeliveryId("d_" + hashlib.sha256(f"{ROUTE}\x1f{due.isoformat()}\x1f{sink}".encode()).hexdigest()[:32]),
            sink=sink,
            route=ROUTE,
            push=PushId(f"report-{report.first}-to-{report.last}"),
            source=SOURCE,
            received_at=due,
            event=LeadEvent.UNCHANGED,
            lead_key=NOBODY,
            lead={},
            changed=(),
            previous={},
            revision=self.revision,
            report=report,
        )
