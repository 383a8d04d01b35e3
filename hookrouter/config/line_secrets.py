"""Finds what may be secret in one line of a configuration, whether the file can be read or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hookrouter.config.secrets import LOOK_SECRET, SECRET_KEYS, SECRET_NAMES, may_hold_secrets

Span = tuple[int, int, str]
"""From where to where, and what is shown instead."""

HIDDEN = "(secret)"
SECTIONS = frozenset({"crm", "smtp"})
"""They hold secrets under keys of their own."""

MOST_ABOVE = 200
"""Lines in which the keys above one are looked for."""

_KEY = r"""["']?(?P<key>[A-Za-z_][\w-]*)["']?[ \t]*:(?:[ \t]+|(?=["'\[{,}\]])|$)"""
_FIRST_KEY = re.compile(rf"^[ \t]*(?:-[ \t]+)*{_KEY}")
_BEGINS = re.compile(rf"^[ \t]*(?:-[ \t]+)*[{{\[ \t]*{_KEY}")
_ANY_KEY = re.compile(rf"(?:(?<=[{{,\s])|^){_KEY}")
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')"""
_VALUE_IN_FLOW = re.compile(
    rf"""\[(?:{_QUOTED}|[^\[\]"'])*\]|\[.*|\{{(?:{_QUOTED}|[^{{}}"'])*\}}|\{{.*|{_QUOTED}|["'].*|(?:\$\{{[^{{}}]*\}}|[^,}}\]\n])*"""
)
_COMMENT = re.compile(r"(?<![^ \t])#")
_VARIABLES = re.compile(r"""["']?(?:\$\{[^{}]*\})+["']?""")
_WORDS = re.compile(rf"(?i:\b(?:{'|'.join(sorted(SECRET_KEYS))})\b)")
_LOOKS = re.compile("|".join(rf"{re.escape(sign)}[^\s\"',}}\]]*" for sign in LOOK_SECRET))
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]+(?=@)|[?&](?P<name>[^=&\s#]+)=(?P<value>[^&\s#\"',}\]]+)")


def secrets_in(lines: Sequence[str], number: int, mask: Mapping[str, str]) -> Sequence[Span]:
    """What to hide in the line of this number, from left to right; `mask` has what is surely secret."""
    line = lines[number]
    if any(may_hold_secrets(key) for key in _keys_above(lines, number)):
        start = len(line) - len(line.lstrip(" \t-"))
        return _joined([(start, len(line), HIDDEN)] if not _VARIABLES.fullmatch(line[start:].strip()) else [])
    return _joined([*_known(line, mask), *_under_keys(line), *_looking_so(line)])


def _keys_above(lines: Sequence[str], number: int) -> Iterator[str]:
    """The keys that hold a line, as its indentation tells them."""
    indent, is_entry = _indent(lines[number]), lines[number].lstrip().startswith("- ")
    goes_on = _BEGINS.match(lines[number]) is None
    for line in reversed(lines[max(0, number - MOST_ABOVE) : number]):
        if not line.strip():
            continue
        if goes_on:  # in a file that cannot be read, the indentation may be what is wrong
            yield from _key_of_what_goes_on(line)
            goes_on = _BEGINS.match(line) is None
        holds = _indent(line) < indent or (is_entry and _indent(line) == indent and not line.lstrip().startswith("-"))
        if holds:
            found = _FIRST_KEY.match(line)
            yield from [found["key"]] if found else _WORDS.findall(line)
            indent, is_entry = _indent(line), line.lstrip().startswith("- ")
            if not indent and not is_entry and not goes_on:
                return


def _key_of_what_goes_on(line: str) -> Iterator[str]:
    """The last key of a line, whose value may go on in the next one, and what may be meant for a key behind it."""
    rest = 0
    for found in list(_ANY_KEY.finditer(line))[-1:]:
        rest = found.end()
        if not _VARIABLES.match(line, rest):
            yield found["key"]
    yield from _WORDS.findall(line, rest)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _known(line: str, mask: Mapping[str, str]) -> Iterator[Span]:
    for secret, instead in mask.items():
        start = line.find(secret)
        while start >= 0:
            yield start, start + len(secret), instead
            start = line.find(secret, start + 1)


def _under_keys(line: str) -> Iterator[Span]:
    """The values of keys that have secrets; in a line of its own a value goes on to the end."""
    first = _FIRST_KEY.match(line)
    for found in _ANY_KEY.finditer(line):
        if not (may_hold_secrets(found["key"]) or _is_section_of_another_kind(line, found)):
            continue
        start, end = found.end(), len(line)
        if first is None or found.start("key") != first.start("key"):
            value = _VALUE_IN_FLOW.match(line, start)
            end = value.end() if value else end
        written = line[start:end].rstrip()
        if written and not _VARIABLES.fullmatch(_without_comment(written)):
            yield start, start + len(written), HIDDEN


def _is_section_of_another_kind(line: str, found: re.Match[str]) -> bool:
    """Whether a section that has secrets is followed by something else than a map."""
    value = line[found.end() :].lstrip()
    return found["key"] in SECTIONS and bool(value) and not value.startswith("{")


def _without_comment(written: str) -> str:
    return written.partition(" #")[0].rstrip()


def comment_of(line: str) -> int:
    """Where a comment begins in a line, which may say anything; the line's length when it has none."""
    quote, before, escaped = "", " ", False
    for place, sign in enumerate(line):
        if quote:
            escaped, was_escaped = sign == "\\" and quote == '"' and not escaped, escaped
            quote = "" if sign == quote and not was_escaped else quote
        elif sign in "\"'" and before in " \t[{,:":
            quote = sign
        elif sign == "#" and before in " \t":
            return place
        before = sign
    found = _COMMENT.search(line) if quote else None  # what is quoted there, or left open, cannot be told
    return found.start() if found else len(line)


def _looking_so(line: str) -> Iterator[Span]:
    for found in _LOOKS.finditer(line):
        yield found.start(), found.end(), HIDDEN
    for found in _IN_ADDRESS.finditer(line):
        if found["name"] is None:
            yield found.start(), found.end(), HIDDEN
        elif SECRET_NAMES.search(found["name"]):
            yield found.start("value"), found.end("value"), HIDDEN


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    joined: list[Span] = []
    for start, end, instead in sorted(spans):
        if joined and start < joined[-1][1]:
            first, last, _ = joined[-1]
            joined[-1] = (first, max(last, end), HIDDEN if end > last else joined[-1][2])
        else:
            joined.append((start, end, instead))
    return joined
