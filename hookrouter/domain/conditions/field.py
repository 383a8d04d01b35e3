"""A condition on one field of the lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hookrouter.domain.case import Case
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.lead import Json, field_at, text_of

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
        return Judgement(label=self.label, held=self.test.holds(value), found=f"was {shown(value)}")

    def value(self, case: Case) -> Json:
        """What the field is."""
        fields = case.change.lead.fields
        value = fields.get(self.path)
        return field_at(fields, self.path) if value is None and "." in self.path else value


def shown(value: Json) -> str:
    """A value as a reason shows it: on one line, cut when long, `empty` for nothing."""
    text = value if isinstance(value, str) else text_of(value)
    if not text:
        return "empty"
    if not text.isprintable():
        text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
