"""What `match` may say but hardly means: values written like questions, and fields named like words of a route."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from hookrouter.domain.crm_fields import LEAD_STATUSES
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.rules.mentions import Kind, Mention, matches_everything
from hookrouter.wire.rules.words import nearly_a_word

STATUS_FIELD = "leadStatus"
BESIDE_MATCH = frozenset(
    (
        *("assign", "during", "enrich", "follow_up", "match_timeline", "objective", "once", "sample", "shadow"),
        *("source", "stop", "to", "unmatched"),
    )
)
"""Words of a route that people write within its `match`."""

LONGEST = 100
"""Characters of a text that may be a question: a longer one is none."""

_OPERATORS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "!=": "not", "=": "", "==": ""}
_WITH_SIGN = re.compile(r"\s*(>=|<=|>|<|!=|==?)\s*(\S.*)", re.DOTALL)
_EXPRESSION = re.compile(r"/(.*[$^*+?[(|\\].*)/")
_EXISTS = "write {exists: true} if that is meant"
_TEMPLATE = re.compile(r"\{\{.*\}\}|\{%.*%\}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDoubts:
    """Judges what `match` speaks of by what else the configuration names."""

    conditions: Collection[str]
    sources: Collection[str]

    def of(self, mention: Mention) -> str:
        """What to say of it; '' when nothing is doubtful."""
        match mention.kind:
            case Kind.FIELD:
                return self._of_field(mention.text)
            case Kind.VALUE:
                return self._of_value(mention)
            case Kind.REGEX:
                told = f"the expression {mention.text!r} is found in every text: {_EXISTS}"
                return told if matches_everything(mention.text) else ""
            case Kind.LIKE:
                told = f"the pattern {mention.text!r} fits every text: {_EXISTS}"
                return "" if mention.text.strip("*") else told

    def _of_field(self, name: str) -> str:
        first, dot, rest = name.partition(".")
        if dot and first == "lead":
            return f"`{name}` looks into a field `lead`: fields stand without it here (did you mean {rest}?)"
        if dot and first == "previous":
            return f"`{name}` looks into a field `previous`: how a lead was is asked by changed: {{{rest}: …}}"
        if name in self.conditions:
            return f"`{name}` is asked as a field of the lead here: for the condition of this name write all: [{name}]"
        if name in BESIDE_MATCH - {"source"}:
            return f"`{name}` is asked as a field of the lead here: as a word of the route it stands beside `match`"
        near = nearly_a_word(name)
        return f"`{name}` is asked as a field of the lead here (did you mean {near}?)" if near else ""

    def _of_value(self, mention: Mention) -> str:
        text, field = mention.text, mention.field
        if field == "source" and text in self.sources:
            return "`source` is asked as a field of the lead here: as a word of the route it stands beside `match`"
        if field == STATUS_FIELD and text.lower() not in {status.lower() for status in LEAD_STATUSES}:
            hint = did_you_mean(text, LEAD_STATUSES)
            if hint:
                return f"the CRM has no lead status `{text}`{hint}"
        meant = _meant(text)
        return f"this text is compared letter by letter: {meant}" if meant else ""


def _meant(text: str) -> str:
    """What a text that is written like a question would be here; '' for any other."""
    if len(text) > LONGEST:
        return ""
    signed, slashed = _WITH_SIGN.fullmatch(text), _EXPRESSION.fullmatch(text)
    if signed:
        word = _OPERATORS[signed[1]]
        return f"write {{{word}: {signed[2]}}} if that is meant" if word else f"write {signed[2]} if that is meant"
    if slashed:
        return f"write {{regex: '{slashed[1]}'}} if an expression is meant"
    if _TEMPLATE.search(text):
        return "templates are filled in messages alone"
    if text.strip("*") and (text.startswith("*") or text.endswith("*")):
        return f'write {{like: "{text}"}} if a pattern is meant'
    return ""
