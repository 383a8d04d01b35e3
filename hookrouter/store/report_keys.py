"""The keys of reports and alerts; as for all keys, each function says what it is, who writes, what bounds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hookrouter.store.operator_keys import OperatorKeys


@dataclass(frozen=True, slots=True)
class ReportKeys(OperatorKeys):
    """The keys of reports, alerts and operators under one prefix."""

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
