"""Questions to a value as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hookrouter.domain.conditions.wildcard import Wildcard, wildcard
from hookrouter.domain.lead import Json, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Holds when the text starts with one of the parts."""

    label: str
    parts: tuple[str, ...]
    ignore_case: bool

    def holds(self, value: Json) -> bool:
        """Whether it does."""
        return _text(value, ignore_case=self.ignore_case).startswith(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suffix:
    """Holds when the text ends with one of the parts."""

    label: str
    parts: tuple[str, ...]
    ignore_case: bool

    def holds(self, value: Json) -> bool:
        """Whether it does."""
        return _text(value, ignore_case=self.ignore_case).endswith(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """Holds when the text has one of the parts in it, or the list one of them as a member."""

    label: str
    parts: tuple[str, ...]
    ignore_case: bool

    def holds(self, value: Json) -> bool:
        """Whether it has."""
        if isinstance(value, list):
            members = {_text(member, ignore_case=self.ignore_case) for member in value}
            return any(part in members for part in self.parts)
        text = _text(value, ignore_case=self.ignore_case)
        for part in self.parts:  # noqa: SIM110 - a generator would double the time of every match
            if part in text:
                return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """Holds when the whole text fits one of the patterns; `*` stands for any characters, `?` for one."""

    label: str
    patterns: tuple[Wildcard, ...]
    ignore_case: bool

    def holds(self, value: Json) -> bool:
        """Whether it fits; nothing fits no pattern, not even `*`."""
        text = _text(value, ignore_case=self.ignore_case)
        if text:
            for pattern in self.patterns:
                if pattern.fits(text):
                    return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """Holds when the set, a list or a text with commas as the CRM writes a multi-select, has one of the members."""

    label: str
    members: frozenset[str]
    ignore_case: bool

    def holds(self, value: Json) -> bool:
        """Whether it has."""
        if isinstance(value, list):
            found = [_text(member, ignore_case=self.ignore_case) for member in value]
        else:
            found = _text(value, ignore_case=self.ignore_case).split(",")
        return any(member.strip() in self.members for member in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """Holds when one of the expressions is found anywhere in the text."""

    label: str
    searches: tuple[Callable[[bytes], object], ...]

    def holds(self, value: Json) -> bool:
        """Whether one is; in nothing none is found, not even `.*`."""
        text = _text(value, ignore_case=False).encode(errors="surrogatepass")
        return bool(text) and any(search(text) is not None for search in self.searches)


def prefix(parts: Sequence[str], *, ignore_case: bool = False) -> Prefix:
    """The test for a beginning."""
    return Prefix(label=_label("prefix", parts), parts=_folded(parts, ignore_case), ignore_case=ignore_case)


def suffix(parts: Sequence[str], *, ignore_case: bool = False) -> Suffix:
    """The test for an end."""
    return Suffix(label=_label("suffix", parts), parts=_folded(parts, ignore_case), ignore_case=ignore_case)


def contains(parts: Sequence[str], *, ignore_case: bool = False) -> Contains:
    """The test for a part anywhere."""
    return Contains(label=_label("contains", parts), parts=_folded(parts, ignore_case), ignore_case=ignore_case)


def like(patterns: Sequence[str], *, ignore_case: bool = False) -> Like:
    """The test for a pattern."""
    compiled = tuple(wildcard(pattern) for pattern in _folded(patterns, ignore_case))
    return Like(label=_label("like", patterns), patterns=compiled, ignore_case=ignore_case)


def has(members: Sequence[str], *, ignore_case: bool = False) -> Has:
    """The test for a member of a set."""
    stripped = frozenset(member.strip() for member in _folded(members, ignore_case))
    return Has(label=_label("has", members), members=stripped, ignore_case=ignore_case)


def regex(patterns: Sequence[str], searches: Sequence[Callable[[bytes], object]]) -> Regex:
    """The test for expressions, given with what searches for each in a text as UTF-8."""
    return Regex(label=_label("regex", patterns), searches=tuple(searches))


def _text(value: Json, *, ignore_case: bool) -> str:
    if isinstance(value, (list, dict)):
        return ""
    text = value if isinstance(value, str) else text_of(value)
    return text.casefold() if ignore_case else text


def _folded(parts: Sequence[str], ignore_case: bool) -> tuple[str, ...]:  # noqa: FBT001 - the callers name it
    return tuple(part.casefold() if ignore_case else part for part in parts)


def _label(word: str, parts: Sequence[str]) -> str:
    return f"{word} {parts[0]}" if len(parts) == 1 else f"{word} [{', '.join(parts)}]"
