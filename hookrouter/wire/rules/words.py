"""The words of `match`, with hints for those of other systems."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from hookrouter.wire.config.faults import did_you_mean, known_names

OPERATORS = (
    *("not", "in", "gt", "gte", "lt", "lte", "between"),
    *("prefix", "suffix", "contains", "like", "has", "regex", "exists", "empty"),
    *("before", "after", "within"),
)
WITHIN = "within"
"""The operator that needs the moment of the push."""

IGNORE_CASE = "ignore_case"
"""Stands beside operators and says how they compare."""

COMBINATORS = ("all", "any", "none")
STATE_WORDS = ("event", "changed", "crossed")
MAPPED_WORDS = ("changed", "crossed")
"""Words that a map of fields may follow, as operators follow a field."""

CONDITION_NEEDED = "a condition is needed, as in {state: CA}, or the name of one"

_NO_NAME = re.compile(r"[\s<>=!:*]")
"""What stands in a question, and in no name."""

ALIKE = 0.75
"""How much a misspelt word has in common with the right one."""

_SAME_MEANING = {
    "anything-but": "not",
    "anything_but": "not",
    "ne": "not",
    "neq": "not",
    "nin": "not",
    "not_in": "not",
    "ge": "gte",
    "le": "lte",
    "min": "gte",
    "max": "lte",
    "startsWith": "prefix",
    "starts_with": "prefix",
    "endsWith": "suffix",
    "ends_with": "suffix",
    "wildcard": "like",
    "glob": "like",
    "exist": "exists",
    "null": "empty",
    "is_null": "empty",
    "one_of": "in",
    "any_of": "in",
    "!=": "not",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
}
_EQUALITY = ("eq", "equals", "equal", "is", "=", "==")
_COMBINING = {
    "or": "any",
    "and": "all",
    "nor": "none",
    "any_of": "any",
    "all_of": "all",
    "none_of": "none",
}

NO_FIELDS = frozenset((*OPERATORS, IGNORE_CASE, *_COMBINING))
"""Words that no field of the CRM is called by, and people write in the wrong place."""


def operator_fault(word: str) -> str:
    """What to say of a word that is no operator."""
    bare = word.removeprefix("$")
    if bare in _EQUALITY:
        return f"`{word}` is not needed here: give the plain value, as in `leadStatus: open`"
    called = _SAME_MEANING.get(bare) or (bare if bare in OPERATORS else None)
    if called:
        return f"`{word}` is called `{called}` here"
    if bare in COMBINATORS or bare in _COMBINING:
        return (
            f"`{word}` combines whole conditions and stands above fields; for one field give a list (any of) or `not`"
        )
    return f"unknown operator `{word}`{did_you_mean(word, (*OPERATORS, IGNORE_CASE))}"


def condition_fault(name: str, known: Collection[str]) -> str:
    """What to say of a text that stands for a condition and is the name of none."""
    if _NO_NAME.search(name):
        return f"{CONDITION_NEEDED}; a text is taken for a name, and `{name}` is none"
    said = f"there is no condition `{name}`"
    if not known:
        return f"{said}: the section `conditions` names none; a condition itself is a map, as in {{state: CA}}"
    return f"{said}{known_names(name, list(known))}"


def nearly_a_word(name: str) -> str:
    """The word that a key of `match` nearly is; '' if none."""
    near = get_close_matches(name.casefold(), STATE_WORDS, n=1, cutoff=ALIKE)
    return near[0] if near else ""


def misspelt_word(name: str, value: Collection[str]) -> str | None:
    """What to say of a key of `match` with a map that asks nothing of a field, and nearly is a word; else None."""
    near = get_close_matches(name, MAPPED_WORDS, n=1, cutoff=ALIKE)
    if not near or any(word in OPERATORS for word in value):
        return None
    return f"`{name}` asks for no field by an operator (did you mean {near[0]}?)"


def field_fault(name: str) -> str | None:
    """What to say of a key of `match` that can be no field's name; None when it can."""
    bare = name.removeprefix("$")
    if name == "<<":
        return "`<<` merges nothing here: name what several ask in `conditions`, and ask it by its name"
    if bare in _COMBINING or (name != bare and bare in COMBINATORS):
        return f"`{name}` is called `{_COMBINING.get(bare, bare)}` here, with a list of conditions"
    if name == "$not":
        return "`$not` is called `not` here, with one condition"
    if name.startswith("$") or name in (*OPERATORS, IGNORE_CASE):
        return f"`{name}` is no field: name the field first, as in `leadScore: {{gte: 80}}`"
    if not name.strip() or "" in name.split("."):
        return "a field's name is needed"
    return None
