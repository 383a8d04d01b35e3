"""Conditions on how a lead was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import gt, lt

from hookrouter.domain.case import Case
from hookrouter.domain.change import Change
from hookrouter.domain.conditions.field import ValueTest, ambiguity, shown
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import Json, field_at, number_of, same_value, text_of

UNKNOWN = "no earlier state known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Holds when at least one of the fields changed."""

    label: str
    paths: tuple[str, ...]

    def holds(self, case: Case) -> bool:
        """Whether one did."""
        change = case.change
        return change.earlier_known and any(has_changed(change, case.path_of(path)) for path in self.paths)

    def judge(self, case: Case) -> Judgement:
        """Which did."""
        found = [path for path in self.paths if has_changed(case.change, case.path_of(path))]
        unclear = next((text for path in self.paths if (text := ambiguity(case, path))), "")
        if not case.change.earlier_known:
            text = UNKNOWN
        elif found:
            text = f"{', '.join(found)} changed"
        elif unclear:
            text = unclear
        else:
            text = "none of them changed" if len(self.paths) > 1 else "it did not change"
        return Judgement(label=self.label, held=self.holds(case), found=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFromTo:
    """Holds when the field changed from what passes one test to what passes the other; None passes all."""

    label: str
    path: str
    before: ValueTest | None
    after: ValueTest | None

    def holds(self, case: Case) -> bool:
        """Whether it did."""
        change, path = case.change, case.path_of(self.path)
        if not change.earlier_known or not has_changed(change, path):
            return False
        was, now = field_at(change.previous, path), field_at(change.lead.fields, path)
        return _passes(self.before, was) and _passes(self.after, now)

    def judge(self, case: Case) -> Judgement:
        """From what to what it changed, if at all."""
        change, path = case.change, case.path_of(self.path)
        if not change.earlier_known:
            text = UNKNOWN
        elif not has_changed(change, path):
            text = ambiguity(case, path) or "it did not change"
        else:
            text = _from_to(field_at(change.previous, path), field_at(change.lead.fields, path))
        return Judgement(label=self.label, held=self.holds(case), found=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """Holds when the field is a number beyond the limit now, and was none before."""

    label: str
    path: str
    beyond: Callable[[float, float], bool]
    limit: float

    def holds(self, case: Case) -> bool:
        """Whether it did."""
        was, now = self._was_and_is(case)
        return case.change.earlier_known and self._is_beyond(now) and not self._is_beyond(was)

    def judge(self, case: Case) -> Judgement:
        """How it was and is."""
        unclear = ambiguity(case, self.path)
        text = (unclear or _from_to(*self._was_and_is(case))) if case.change.earlier_known else UNKNOWN
        return Judgement(label=self.label, held=self.holds(case), found=text)

    def _was_and_is(self, case: Case) -> tuple[Json, Json]:
        change, path = case.change, case.path_of(self.path)
        now = field_at(change.lead.fields, path)
        return field_at(change.previous, path) if has_changed(change, path) else now, now

    def _is_beyond(self, value: Json) -> bool:
        number = number_of(value)
        return number is not None and self.beyond(number, self.limit)


def changed(paths: Sequence[str]) -> Changed:
    """The condition that one of these fields changed."""
    return Changed(label=f"changed [{', '.join(paths)}]", paths=tuple(paths))


def changed_from_to(path: str, before: ValueTest | None, after: ValueTest | None) -> ChangedFromTo:
    """The condition that a field changed in this way."""
    label = f"changed {path}"
    label += f" from {_bare(before)}" if before else ""
    label += f" to {_bare(after)}" if after else ""
    return ChangedFromTo(label=label, path=path, before=before, after=after)


def crossed_above(path: str, limit: float) -> Crossed:
    """The condition that a field rose above a limit: it was not above, and is now."""
    return Crossed(label=f"crossed {path} above {text_of(limit)}", path=path, beyond=gt, limit=limit)


def crossed_below(path: str, limit: float) -> Crossed:
    """The condition that a field fell below a limit: it was not below, and is now."""
    return Crossed(label=f"crossed {path} below {text_of(limit)}", path=path, beyond=lt, limit=limit)


def has_changed(change: Change, path: str) -> bool:
    """Whether the field, or what a dotted path leads to, differs from how it was."""
    if path in change.previous:
        return True
    if path.partition(".")[0] not in change.previous or path in change.lead.fields:
        return False
    return not same_value(field_at(change.previous, path), field_at(change.lead.fields, path))


def _passes(test: ValueTest | None, value: Json) -> bool:
    return test is None or test.holds(value)


def _from_to(was: Json, now: Json) -> str:
    return f"was {shown(was)}, is {shown(now)}"


def _bare(test: ValueTest) -> str:
    return test.label.removeprefix("is ")
