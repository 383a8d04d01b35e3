"""The keys of what is counted and told; documented as in `keys`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hookrouter.store.operator_keys import OperatorKeys


@dataclass(frozen=True, slots=True)
class ReportKeys(OperatorKeys):
    """The keys of reports, alerts, the flow and operators under one prefix."""

    def figures(self, day: date) -> str:
        """Hash of what happened on a day, counted; route, decide and deliver write; expires after five weeks.

        Forget: it names nobody but those who react.
        """
        return f"{self.prefix}:figures:{day}"

    def reported(self) -> str:
        """String, when the last report was due and by which rule; who sends it writes; expires after a year.

        Forget: it names nobody.
        """
        return f"{self.prefix}:reported"

    def alerts(self) -> str:
        """String, what was wrong at the last look and who was told; the kick writes; expires after a month.

        Forget: it names nobody.
        """
        return f"{self.prefix}:alerts"

    def flow_sampled(self) -> str:
        """String, the minute up to which the flow was sampled; the kick writes; expires after a day and two hours.

        Forget: it names nobody.
        """
        return f"{self.prefix}:flow-sampled"

    def flow_totals(self) -> str:
        """String, the figures as they were then; the kick writes; expires likewise.

        Forget: it names nobody.
        """
        return f"{self.prefix}:flow-totals"

    def flow_minutes(self) -> str:
        """List of what came and went in each minute, the newest first; the kick writes; capped, expires likewise.

        Forget: it names nobody.
        """
        return f"{self.prefix}:flow-minutes"

    def flow_samples(self) -> str:
        """List of the same by route and sink, of the last hour; the kick writes; capped, expires likewise.

        Forget: it names nobody.
        """
        return f"{self.prefix}:flow-samples"
