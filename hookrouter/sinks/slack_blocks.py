"""The blocks of a Slack message: the default ones, the operator's own, and Slack's limits on both.

The limits: https://docs.slack.dev/reference/block-kit/blocks and, of one text,
https://docs.slack.dev/reference/block-kit/composition-objects/text-object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from marshmallow import ValidationError

from hookrouter.domain.lead import Json
from hookrouter.sinks.default_text import EMPTY, DefaultText, FieldChange, Person
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.messages.json_template import JsonTemplateField, Node, render_json
from hookrouter.wire.messages.mrkdwn import cut, escaped
from hookrouter.wire.messages.plain_text import ELLIPSIS, one_line, printable
from hookrouter.wire.messages.sandbox import Escaping

MOST_BLOCKS = 50
MOST_FIELDS = 10
MOST_ELEMENTS = 10
LONGEST_TEXT = 3000
LONGEST_FIELD = 2000
LONGEST_NAME = 100
LONGEST_OF = {"header": 150, "button": 75}

MOST_IN_ALL = 12_000
"""All blocks together, as JSON: beyond about 13,000 Slack answers `msg_blocks_too_long`, a limit that its pages do not
name (https://github.com/slackapi/bolt-js/issues/2509)."""

SHORTER = (LONGEST_TEXT, 1000, 300, 100)
"""How long any text may be, tried in this order until all of them fit."""

CUT = "… (shortened)"
LEFT_OUT = "… (the rest did not fit into a message)"
SHORT = 200
"""A text that may not be longer than this ends in an ellipsis alone."""

_LITERAL = frozenset({"text", "link", "raw_text"})
"""Kinds of elements whose `text` Slack shows as it is."""


class BlocksField(JsonTemplateField):
    """The operator's own blocks, a list of maps whose texts are templates."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_escaping_at, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Node:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_BLOCKS:
            raise ValidationError(f"a list of 1 to {MOST_BLOCKS} blocks is needed here")
        faults = {place: [fault] for place, block in enumerate(value) if (fault := _fault_of(block))}
        if faults:
            raise ValidationError(faults)
        return super()._deserialize(value, attr, data, **kwargs)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        block = {"type": "object", "required": ["type"]}
        return {"type": "array", "items": block, "minItems": 1, "maxItems": MOST_BLOCKS}


def default_blocks(wording: DefaultText) -> list[Json]:
    """What happened, to whom, what changed; values stand in plain texts, in which nothing is formatted or linked."""
    title = escaped(f"{wording.headline}: {wording.name}", LONGEST_OF["header"])
    blocks: list[Json] = [{"type": "header", "text": _plain(title)}]
    if wording.person is not None:
        blocks.append({"type": "section", "text": _mrkdwn(_for(wording.person))})
    rows = [cell for change in wording.changes for cell in _row(change)]
    starts = range(0, len(rows), MOST_FIELDS)
    blocks.extend({"type": "section", "fields": rows[start : start + MOST_FIELDS]} for start in starts)
    if wording.history:
        lines = "\n".join(f"• {line}" for line in wording.history)
        blocks.append({"type": "section", "text": _plain(escaped(lines, LONGEST_TEXT))})
    return _fitted(blocks, [_foot(wording)])


def text_blocks(text: str, wording: DefaultText) -> list[Json]:
    """The operator's text, and the foot by which a delivery is known again."""
    return _fitted([{"type": "section", "text": _mrkdwn(text)}], [_foot(wording)])


def said_blocks(said: str, wording: DefaultText) -> list[Json]:
    """What a reminder says, whom it is for, and the lead by name; all but a mention of the person is plain text."""
    blocks: list[Json] = [{"type": "section", "text": _plain(said)}]
    if wording.person is not None:
        blocks.append({"type": "section", "text": _mrkdwn(_for(wording.person))})
    name: Json = {"type": "context", "elements": [_plain(escaped(wording.name, LONGEST_NAME))]}
    return _fitted([*blocks, name], [_foot(wording)])


def own_blocks(node: Node, context: Mapping[str, object], wording: DefaultText) -> list[Json]:
    """The operator's blocks, and the foot where there is room for one more.

    Raises:
        RenderingFailed: one of their templates cannot be filled.
    """
    rendered = render_json(node, context)
    blocks = rendered if isinstance(rendered, list) else [rendered]
    foot = [_foot(wording)] if len(blocks) < MOST_BLOCKS else []
    return _fitted(blocks, foot)


def noted(blocks: Sequence[Json], note: str) -> list[Json]:
    """The blocks with a note before them; it takes the place of the last when there are as many as may be."""
    return [{"type": "context", "elements": [_plain(note)]}, *blocks[: MOST_BLOCKS - 1]]


def _for(person: Person) -> str:
    """Whom the lead is for, with a mention, which is the one thing in a message that pings anybody."""
    if not person.slack:
        return escaped(str(person), LONGEST_TEXT)
    return f"For <@{person.slack}> ({escaped(person.reason, LONGEST_FIELD)})"


def _row(change: FieldChange) -> tuple[Json, Json]:
    name = _mrkdwn(f"*{escaped(change.name, LONGEST_NAME)}*")
    return name, _plain(escaped(change.values, LONGEST_FIELD))


def _foot(wording: DefaultText) -> Json:
    notes = [escaped(part, LONGEST_NAME) for part in (wording.remainder, wording.origin) if part]
    link = escaped(one_line(wording.link), LONGEST_TEXT).replace("|", "%7C")
    if 0 < len(link) < LONGEST_FIELD:  # half a link leads nowhere
        notes.insert(0, f"<{link}|Open in the CRM>")
    return {"type": "context", "elements": [_mrkdwn(" · ".join(notes))]}


def _mrkdwn(text: str) -> dict[str, Json]:
    # `verbatim`: names and addresses in a lead are not made into mentions or links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> dict[str, Json]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _fitted(blocks: Sequence[Json], foot: Sequence[Json]) -> list[Json]:
    """The blocks within Slack's limits: texts are shortened, and if that is not enough the last blocks left out."""
    room = MOST_IN_ALL - _size(foot)
    fitting: list[Json] = []
    for longest in SHORTER:
        fitting = [_shortened(block, longest) for block in blocks]
        if _size(fitting) <= room:
            return [*fitting, *foot]
    notice: Json = {"type": "context", "elements": [_mrkdwn(LEFT_OUT)]}
    return [*_first(fitting, room - _size([notice])), notice, *foot]


def _first(blocks: Sequence[Json], room: int) -> Iterator[Json]:
    for block in blocks:
        room -= _size([block])
        if room < 0:
            return
        yield block


def _size(blocks: Sequence[Json]) -> int:
    return len(orjson.dumps(blocks).decode())


def _shortened(node: Json, longest: int) -> Json:
    match node:
        case list():
            return [_shortened(part, longest) for part in node]
        case dict():
            longest = min(longest, LONGEST_OF.get(str(node.get("type")), longest))
            made = {name: _part(name, part, longest) for name, part in node.items()}
            return {"verbatim": True, **made} if node.get("type") == "mrkdwn" else made
        case str():
            return printable(node)
        case _:
            return node


def _part(name: str, part: Json, longest: int) -> Json:
    if name == "text" and isinstance(part, str):
        mark = CUT if longest > SHORT else ELLIPSIS
        return cut(printable(part), longest, mark) if part.strip() else EMPTY  # Slack refuses an empty text
    return _shortened(part, min(longest, LONGEST_FIELD) if name == "fields" else longest)


def _fault_of(block: Any) -> str:
    if not isinstance(block, dict):
        return "a block is a map, such as {type: divider}"
    kind = block.get("type")
    if not isinstance(kind, str) or not kind.isidentifier():
        return "a block says its `type`, such as section, and no template can choose it"
    if kind == "markdown":
        return "in a `markdown` block a lead's name could make links: use `section` with a text of type mrkdwn"
    for part, most in (("fields", MOST_FIELDS), ("elements", MOST_ELEMENTS if kind == "context" else MOST_BLOCKS)):
        if isinstance(inner := block.get(part), list) and len(inner) > most:
            return f"a `{kind}` block has {most} {part} at most"
    return ""


def _escaping_at(within: Mapping[str, object], key: str) -> Escaping:
    return Escaping.MRKDWN if key == "text" and within.get("type") not in _LITERAL else Escaping.TEXT
