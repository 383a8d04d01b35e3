"""Whether several conditions can hold of one lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.changed import Changed, ChangedFromTo, Crossed
from hookrouter.domain.conditions.combine import AllOf, AnyOf, NoneOf
from hookrouter.domain.conditions.compare import Compared, Comparison, compared
from hookrouter.domain.conditions.event import EventIs
from hookrouter.domain.conditions.field import FieldIs, ValueTest
from hookrouter.domain.conditions.happened import Happened
from hookrouter.domain.conditions.moment import FieldWithin
from hookrouter.domain.conditions.named import Named
from hookrouter.domain.conditions.presence import Exists
from hookrouter.domain.conditions.several import Not
from hookrouter.domain.reach.values import culprits, exclude_each_other

NOT_NEGATIVE = compared(Comparison.GTE, 0)
WITH_CHANGES = frozenset({LeadEvent.CREATED, LeadEvent.UPDATED, LeadEvent.ECHO})
"""The events at which something can have changed."""

MOST_CHOICES = 40
"""Alternatives that are tried for one route; what would need more is taken to be possible."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a condition holds, or that it does not."""

    condition: Condition
    holds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why conditions cannot hold together.

    Attributes:
        labels: of those that exclude each other; none when there is nothing that could have happened to the lead.
        field: whose values they ask for, if it is about a field.
    """

    labels: tuple[str, ...]
    field: str | None = None


@dataclass(slots=True)
class Facts:
    """What must be so of a lead of which all the claims are true.

    Attributes:
        events: what may have happened to it.
        tests: by field, what its value passes, each test with the label of the condition that wants it.
        holding: conditions of which nothing else is known than that they hold.
        failing: likewise, that they do not.
        choices: of each at least one claim is true.
    """

    events: frozenset[LeadEvent] = frozenset(LeadEvent)
    tests: dict[str, list[tuple[str, ValueTest]]] = field(default_factory=dict)
    holding: list[Condition] = field(default_factory=list)
    failing: list[Condition] = field(default_factory=list)
    choices: list[list[Claim]] = field(default_factory=list)

    def with_also(self, claim: Claim, *, choices: bool = True) -> Facts:
        """These facts and what the claim adds; without `choices` they are but those of the claim."""
        facts = Facts(
            self.events,
            {name: list(tests) for name, tests in self.tests.items()},
            list(self.holding),
            list(self.failing),
            list(self.choices) if choices else [],
        )
        facts.add(claim)
        return facts

    def add(self, claim: Claim) -> None:
        """Take in what a claim says."""
        condition, holds = claim.condition, claim.holds
        match condition:
            case AllOf() | Named():
                self._take(condition.parts, all_of_them=holds, holding=holds)
            case AnyOf():
                self._take(condition.parts, all_of_them=not holds, holding=holds)
            case NoneOf():
                self._take(condition.parts, all_of_them=holds, holding=not holds)
            case FieldIs():
                self._ask(condition.path, condition.label, condition.test if holds else Not(test=condition.test))
            case EventIs():
                self.events = self.events & condition.events if holds else self.events - condition.events
            case _ if holds:
                self.holding.append(condition)
                self._add_what_follows(condition)
            case _:
                self.failing.append(condition)

    def _take(self, parts: Sequence[Condition], *, all_of_them: bool, holding: bool) -> None:
        claims = [Claim(part, holding) for part in parts]
        if not all_of_them and len(claims) > 1:
            self.choices.append(claims)
            return
        for claim in claims:
            self.add(claim)

    def _add_what_follows(self, condition: Condition) -> None:
        """What a condition on changes or times says of the lead as it is now."""
        match condition:
            case Changed():
                self.events &= WITH_CHANGES
            case ChangedFromTo():
                self.events &= WITH_CHANGES
                if condition.after is not None:
                    self._ask(condition.path, condition.label, condition.after)
            case Crossed():
                self.events &= WITH_CHANGES
                beyond = Compared(label=condition.label, passes=condition.beyond, limit=condition.limit)
                self._ask(condition.path, condition.label, beyond)
            case FieldWithin():
                self._ask(condition.path, condition.label, Exists())
            case Happened():
                counted = f"{condition.source}{condition.limits}"
                self._ask(counted, condition.label, condition.count)
                self._ask(counted, condition.label, NOT_NEGATIVE)

    def _ask(self, path: str, label: str, test: ValueTest) -> None:
        self.tests.setdefault(path, []).append((label if not isinstance(test, Not) else f"{path} {test.label}", test))


def conflict(facts: Facts) -> Conflict | None:
    """Why no lead can be so; None when one could, or when nobody can tell."""
    return _conflict(facts, _Patience())


def refutes(facts: Facts, claim: Claim) -> bool:
    """Whether facts that have no conflict of their own surely make a claim wrong."""
    condition = claim.condition
    if isinstance(condition, FieldIs) and not facts.choices:
        asked = [test for _, test in facts.tests.get(condition.path, ())]
        claimed = condition.test if claim.holds else Not(test=condition.test)
        return bool(asked) and exclude_each_other([*asked, claimed])
    return conflict(facts.with_also(claim)) is not None


@dataclass(slots=True)
class _Patience:
    left: int = MOST_CHOICES

    def ends(self, steps: int) -> bool:
        self.left -= steps
        return self.left < 0


def _conflict(facts: Facts, patience: _Patience) -> Conflict | None:
    if not facts.events:
        return Conflict(labels=())
    for failing in facts.failing:
        if any(_follows(failing, holding) for holding in facts.holding):
            return Conflict(labels=(failing.label, f"not {failing.label}"))
    for path, asked in facts.tests.items():
        found = _conflict_of(path, asked)
        if found is not None:
            return found
    for choice in facts.choices:
        found = _conflict_of_choice(facts, choice, patience)
        if found is not None:
            return found
    return None


def _conflict_of(path: str, asked: Sequence[tuple[str, ValueTest]]) -> Conflict | None:
    tests = [test for _, test in asked]
    if len(tests) == 1 and not isinstance(tests[0], Not) and not hasattr(tests[0], "tests"):
        return None  # a single plain question always has an answer, and most fields are asked one
    if not exclude_each_other(tests):
        return None
    guilty = culprits(tests)
    labels = dict.fromkeys(label for label, test in asked if any(test is one for one in guilty))
    return Conflict(labels=tuple(labels), field=path)


def _conflict_of_choice(facts: Facts, choice: Sequence[Claim], patience: _Patience) -> Conflict | None:
    """A conflict when none of the alternatives goes with the rest; the first one's stands for all."""
    if patience.ends(len(choice)):
        return None
    conflicts = []
    for claim in choice:
        found = _conflict(facts.with_also(claim, choices=False), patience)
        if found is None:
            return None
        conflicts.append(found)
    return replace(conflicts[0], labels=tuple(dict.fromkeys(label for each in conflicts for label in each.labels)))


def _follows(condition: Condition, known: Condition) -> bool:
    """Whether a condition surely holds where another does."""
    if condition == known:
        return True
    if isinstance(condition, Changed):
        match known:
            case Changed():
                return set(known.paths) <= set(condition.paths)
            case ChangedFromTo() | Crossed():
                return known.path in condition.paths
    return False
