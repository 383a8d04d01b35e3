"""The JSON Schema of `match` and `match_timeline`, made of the tables by which they are read."""

from __future__ import annotations

from hookrouter.domain.crm_fields import SYSTEM_FIELDS
from hookrouter.wire.config.json_shapes import TRUTH, Shape, a_map, one_or_more, reference, text, told
from hookrouter.wire.config.strict_fields import KEBAB
from hookrouter.wire.rules import history as match_history
from hookrouter.wire.rules.events import EVENT_SOURCES
from hookrouter.wire.rules.language import GROUP, GROUPS, WORDS
from hookrouter.wire.rules.operators import READERS
from hookrouter.wire.rules.shapes import NUMBER, SCALAR
from hookrouter.wire.rules.words import IGNORE_CASE, NO_FIELDS, WITHIN

FIELD = reference("field")
TEST = reference("test")
CONDITION_NAME = told(text(KEBAB, example="hot-lead"), "one of the file's `conditions`")


def match_definitions() -> dict[str, Shape]:
    """Under `match` and `match_timeline` what a route may ask, under `definition` what may have a name.

    Under the others stands what those are made of.
    """
    return {
        "match": {"anyOf": [CONDITION_NAME, _fields(), GROUPS]},
        "condition": {"anyOf": [CONDITION_NAME, {**_fields(), "minProperties": 1}]},
        "definition": {"anyOf": [GROUP, GROUPS]},
        "field": _asked(within=True),
        "test": _asked(within=False),
        "match_timeline": one_or_more(_history()),
        "events": {**a_map(dict(match_history.WORDS)), "minProperties": 1},
        "count": _count(),
    }


def _fields() -> Shape:
    """A map of words and fields; any name that could be a field's may be a custom field's."""
    words = {name: told(word.takes, word.asks) for name, word in WORDS.items()}
    known = {name: told(FIELD, description) for name, description in SYSTEM_FIELDS.items()}
    no_field = {"anyOf": [{"enum": sorted(NO_FIELDS - WORDS.keys())}, {"pattern": r"^\$|^\s*$|^\.|\.\.|\.$"}]}
    return {
        "type": "object",
        "properties": {**words, **known},
        "additionalProperties": FIELD,
        "propertyNames": {"not": no_field},
    }


def _asked(*, within: bool) -> Shape:
    """What may be asked of one field: a plain value, a list (any of), operators (all of)."""
    operators = {word: told(one.takes, one.asks) for word, one in READERS.items() if within or word != WITHIN}
    beside = {IGNORE_CASE: told(TRUTH, "whether capitals count as small letters")}
    some = [{"required": [word]} for word in operators]
    several: Shape = {"type": "array", "items": TEST, "minItems": 1}
    return {"anyOf": [SCALAR, several, {**a_map(operators | beside), "anyOf": some}]}


def _history() -> Shape:
    return {**a_map(dict.fromkeys(sorted(EVENT_SOURCES), reference("events"))), "minProperties": 1}


def _count() -> Shape:
    """How often something happened: numbers, and the operators for numbers."""
    again = reference("count")
    operators = {
        word: told(again if READERS[word].takes == TEST else _numbers(READERS[word].takes), READERS[word].asks)
        for word in match_history.COUNTING
    }
    several: Shape = {"type": "array", "items": again, "minItems": 1}
    return {"anyOf": [NUMBER, several, {**a_map(operators), "minProperties": 1}]}


def _numbers(shape: Shape) -> Shape:
    return one_or_more(NUMBER) if shape == one_or_more(SCALAR) else shape
