"""A condition on one field of the lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hookrouter.domain.case import Case
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import Json, text_of

AMBIGUOUS = 2
LONGEST_SHOWN = 60  # a reason is one line, also when the field is a whole description


class ValueTest(Protocol):
    """A question to the value of a field; `label` says it in words, e.g. `gte 80`."""

    @property
    def label(self) -> str:
        """The question in words."""

    def holds(self, value: Json) -> bool:
        """The answer; an empty value is False unless the question is about emptiness or negated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldIs:
    """Holds when the field, or what a dotted path leads to, passes the test."""

    path: str
    test: ValueTest
    label: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"{self.path} {self.test.label}")

    def holds(self, case: Case) -> bool:
        """Whether it does."""
        return self.test.holds(self.value(case))

    def judge(self, case: Case) -> Judgement:
        """What the field was."""
        value = self.value(case)
        return Judgement(label=self.label, held=self.test.holds(value), found=found_in(case, self.path))

    def value(self, case: Case) -> Json:
        """What the field is."""
        value = case.change.lead.fields.get(self.path)
        return value if value is not None else case.field(self.path)


def found_in(case: Case, path: str) -> str:
    """What a reason says of a field: its value, or that nobody can tell which field is meant."""
    return ambiguity(case, path) or f"was {shown(case.field(path))}"


def ambiguity(case: Case, path: str) -> str:
    """That a name without the CRM's digits stands for several custom fields, if it does."""
    meant = () if path in case.fields else case.called().get(path.partition(".")[0], ())
    if len(meant) < AMBIGUOUS:
        return ""
    count = "two" if len(meant) == AMBIGUOUS else str(len(meant))
    return f"{count} fields are called so: {', '.join(meant)}"


def shown(value: Json) -> str:
    """A value as a reason shows it: on one line, cut when long, `empty` for nothing."""
    text = value if isinstance(value, str) else text_of(value)
    if not text:
        return "empty"
    if not text.isprintable():
        text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
