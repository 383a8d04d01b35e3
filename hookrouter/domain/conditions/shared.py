"""A condition that several routes ask: it is asked once of each lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hookrouter.domain.case import Case
from hookrouter.domain.condition import Condition
from hookrouter.domain.judgement import Judgement


class Shared:
    """Remembers what it answered of the last case."""

    __slots__ = ("_condition", "_last", "label")

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        # One value, so that threads cannot part what belongs together.
        self._last: tuple[Case | None, bool] = (None, False)
        self.label = condition.label

    def holds(self, case: Case) -> bool:
        """Whether it does."""
        known, answer = self._last
        if known is not case:
            answer = self._condition.holds(case)
            self._last = (case, answer)
        return answer

    def judge(self, case: Case) -> Judgement:
        """What it found."""
        return self._condition.judge(case)


def shared_conditions(asked: Sequence[tuple[Condition, ...]]) -> list[tuple[Condition, ...]]:
    """The conditions of each route, with one in the place of all that are equal."""
    counts = Counter(condition for conditions in asked for condition in conditions)
    shared = {condition: Shared(condition) for condition, count in counts.items() if count > 1}
    return [tuple(shared.get(condition, condition) for condition in conditions) for conditions in asked]
