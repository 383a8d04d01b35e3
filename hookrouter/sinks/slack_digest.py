"""The blocks of a Slack message of several leads, within Slack's limits on blocks, texts and all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import digest_id
from hookrouter.domain.lead import Json
from hookrouter.sinks.default_text import SHORT_ID, default_text
from hookrouter.sinks.digest_wording import NOBODY, DigestWording, Group, moment, more_leads
from hookrouter.sinks.slack_blocks import LONGEST_OF, LONGEST_TEXT, MOST_BLOCKS, MOST_IN_ALL
from hookrouter.wire.messages.mrkdwn import escaped, length
from hookrouter.wire.messages.plain_text import one_line
from hookrouter.wire.messages.template import link_of

MOST_CHANGES = 3
LONGEST_NAME = 80
LONGEST_CHANGE = 120
LONGEST_LINK = 300
LONGEST_HEADING = 400
MOST_LINES = 50
MOST_NAMES = 20
"""So many leads have a line each, if that fits; of more, so many are named: a wall of names tells nobody anything."""
LEAST_NAMES = 5
"""Of each route."""
FRAME = 200
"""What a block takes beside its text, as JSON."""
OVERHEAD = 1500
"""What title, notes and foot take at most."""

Liner = Callable[[Delivery], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """A group's lines that fit, and how many leads have none."""

    heading: str
    lines: tuple[str, ...]
    left_out: int


def digest_blocks(
    wording: DigestWording, deliveries: Sequence[Delivery], lead_link: Callable[[str], str | None], list_link: str
) -> list[Json]:
    """A title that counts all, then each lead in a line: with what changed if that fits, else by name, else counted."""
    title = escaped(wording.title, LONGEST_OF["header"])
    blocks: list[Json] = [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}]
    blocks += [_context(escaped(note, LONGEST_HEADING)) for note in wording.notes]
    end = [_foot(deliveries, list_link)]
    room = MOST_IN_ALL - _size([*blocks, MORE_ROUTES, *end])
    for text in (text for lines in _fitting(wording, lead_link) for text in _texts(lines)):
        section: Json = {"type": "section", "text": _mrkdwn(text)}
        room -= _size(section)
        if room < 0 or len(blocks) + 2 >= MOST_BLOCKS:  # far more routes than people have; the title counts all leads
            return [*blocks, MORE_ROUTES, *end]
        blocks.append(section)
    return [*blocks, *end]


def _fitting(wording: DigestWording, lead_link: Callable[[str], str | None]) -> Sequence[_Lines]:
    """The groups in the most telling way in which all of them fit; in the least telling, as many lines as fit."""
    total = sum(len(group.deliveries) for group in wording.groups)
    ways: list[Liner] = [lambda each: _line(each, lead_link, changes=True), lambda each: _line(each, lead_link)]
    room = MOST_IN_ALL - OVERHEAD - sum(_size(_head(group)) + FRAME for group in wording.groups)
    for way in ways[wording.is_summary :] if total <= MOST_LINES else ():
        whole = [[way(each) for each in group.deliveries] for group in wording.groups]
        if sum(_size(line) for lines in whole for line in lines) <= _less_frames(room):
            return [
                _Lines(heading=_head(group), lines=tuple(lines), left_out=0)
                for group, lines in zip(wording.groups, whole, strict=True)
            ]
    shares = [len(group.deliveries) / total for group in wording.groups]
    return [
        _named(group, max(LEAST_NAMES, int(MOST_NAMES * share)), int(_less_frames(room) * share))
        for group, share in zip(wording.groups, shares, strict=True)
    ]


def _less_frames(room: int) -> int:
    """The room for lines when each text takes a frame."""
    return max(0, room - room // LONGEST_TEXT * FRAME)


def _named(group: Group, most: int, room: int) -> _Lines:
    """The first leads of a group, by name."""
    lines: list[str] = []
    for delivery in group.deliveries[:most]:
        line = _name(delivery)
        room -= _size(line) + 2
        if room < 0:
            break
        lines.append(line)
    left_out = len(group.deliveries) - len(lines)
    return _Lines(heading=_head(group), lines=(", ".join(lines),) if lines else (), left_out=left_out)


def _texts(part: _Lines) -> Iterator[str]:
    """A group as texts that are none too long."""
    more = (f"… and {more_leads(part.left_out)}",) if part.left_out and part.lines else ()
    text = part.heading
    for line in (*part.lines, *more):
        for piece in _pieces(line):
            if length(text) + length(piece) + 1 > LONGEST_TEXT:
                yield text
                text = piece
            else:
                text = f"{text}\n{piece}"
    yield text


def _pieces(line: str) -> Iterator[str]:
    """A line of many names as several, cut between names."""
    names = line.split(", ")
    piece = names[0]
    for name in names[1:]:
        if length(piece) + length(name) + 2 > LONGEST_TEXT - LONGEST_HEADING:
            yield f"{piece},"
            piece = name
        else:
            piece = f"{piece}, {name}"
    yield piece


def _line(delivery: Delivery, lead_link: Callable[[str], str | None], *, changes: bool = False) -> str:
    wording = default_text(delivery, "")
    link = escaped(one_line(link_of(delivery, lead_link)), LONGEST_LINK + 1).replace("|", "%7C")
    name = _name(delivery)
    called = f"<{link}|{name}>" if 0 < len(link) <= LONGEST_LINK else name
    said = [wording.headline]
    if wording.person is not None:
        said.append(f"for {wording.person.name or NOBODY}")
    if changes:
        said += [str(change) for change in wording.changes[:MOST_CHANGES]]
        said += filter(None, [wording.left_out(max(0, len(wording.changes) - MOST_CHANGES))])
    if delivery.late:
        said.append(moment(delivery.received_at))
    told = " · ".join(escaped(one_line(part), LONGEST_CHANGE) for part in said)
    return f"• {called}: {told}"


def _name(delivery: Delivery) -> str:
    return escaped(default_text(delivery, "").name, LONGEST_NAME).replace("|", "/")


def _head(group: Group) -> str:
    return f"*{escaped(group.heading, LONGEST_HEADING)}*"


def _foot(deliveries: Sequence[Delivery], list_link: str) -> Json:
    link = [f"<{list_link}|Open the leads in the CRM>"] if list_link else []
    return _context(" · ".join([*link, f"digest {digest_id(deliveries)[:SHORT_ID]}"]))


def _context(text: str) -> Json:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> dict[str, Json]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _size(part: Json) -> int:
    return len(orjson.dumps(part).decode())


MORE_ROUTES = _context("… and more routes than fit into a message")
