"""What a condition is."""

from __future__ import annotations

from typing import Protocol

from hookrouter.domain.case import Case
from hookrouter.domain.judgement import Judgement


class Condition(Protocol):
    """A question to a case; `label` says it in words, e.g. `leadScore gte 80`."""

    @property
    def label(self) -> str:
        """The question in words."""

    def holds(self, case: Case) -> bool:
        """The answer, as cheaply as can be."""

    def judge(self, case: Case) -> Judgement:
        """The same answer, with how it came about."""
