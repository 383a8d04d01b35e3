"""Preflight: look at Redis before it is trusted with leads, and again whenever it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookrouter.domain.durability import Asked
from hookrouter.domain.errors import ConfigurationError, StoreAway
from hookrouter.domain.preflight import RedisFacts, durability_of, judge
from hookrouter.domain.redis_events import RedisDoubtful, RedisFound, RedisUnfit
from hookrouter.domain.rights import Lack
from hookrouter.ports.inspection import Inspection
from hookrouter.ports.surroundings import Observer

UNKNOWN = "unknown"


@dataclass(slots=True, kw_only=True)
class Preflight:
    """Checks the server of one process.

    Attributes:
        is_due: until it could be checked, after each absence, and for as long as rights are missing.
        told: the rights that were last told to be missing.
    """

    inspection: Inspection
    asked: Asked
    observer: Observer
    is_due: bool = True
    told: Sequence[Lack] = ()

    def refuse_unfit(self) -> None:
        """Check before the start; a server that is away is checked when it comes.

        Raises:
            ConfigurationError: leads would not be safe there.
        """
        try:
            facts = self.inspection.facts()
        except StoreAway:
            return
        refusals = [finding.text for finding in judge(facts, self.asked) if finding.refuses]
        if refusals:
            raise ConfigurationError("\n".join(refusals))
        self._report(facts)

    def once_there(self) -> None:
        """Check if it is due, and report; a process that runs goes on, for without it pushes would be turned away."""
        if self.is_due:
            self._report(self.inspection.facts())

    def _report(self, facts: RedisFacts) -> None:
        self.is_due = bool(facts.lacks)
        if facts.lacks and facts.lacks == self.told:
            return
        self.told = facts.lacks
        self.observer.report(
            RedisFound(
                product=facts.product,
                version=".".join(map(str, facts.version or ())) or UNKNOWN,
                asked=self.asked.durability,
                found=durability_of(facts, self.asked) or UNKNOWN,
            )
        )
        for finding in judge(facts, self.asked):
            kind = RedisUnfit if finding.refuses else RedisDoubtful
            self.observer.report(kind(finding=finding.name, text=finding.text))
