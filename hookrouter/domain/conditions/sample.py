"""A condition on chance: a share of the leads, always the same ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from hookrouter.domain.case import Case
from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.domain.judgement import Judgement

STEPS = 2**64
"""What eight bytes can tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """Holds for a share of the leads: the same ones each time, and others for each route.

    Attributes:
        percent: how many of a hundred leads.
    """

    route: RouteName
    percent: float
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"sample {self.percent:g}%")

    def holds(self, case: Case) -> bool:
        """Whether the lead is among them."""
        return self._drawn(case.change.lead.key) < self.percent

    def judge(self, case: Case) -> Judgement:
        """Which lot the lead drew."""
        drawn = self._drawn(case.change.lead.key)
        return Judgement(label=self.label, held=drawn < self.percent, found=f"the lead drew {drawn:.4g}")

    def _drawn(self, lead: LeadKey) -> float:
        """A lot from 0 to 100; a hash and no dice, so that a replay or `explain` draws the same."""
        digest = hashlib.sha256(f"{self.route}\0{lead}".encode(errors="surrogatepass")).digest()
        return int.from_bytes(digest[:8]) / STEPS * 100
